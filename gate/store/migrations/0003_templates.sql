-- Enrolled templates are events of `keeping`, sealed with their person's key.
CREATE INDEX templates_of_persons ON events (person_ref, sequence) WHERE kind = 'template';
