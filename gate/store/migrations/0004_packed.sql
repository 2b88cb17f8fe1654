-- From here on sealed content may be packed (gate.store.packing). Nothing is rewritten: older
-- content is read as it stands, and a version that cannot unpack refuses the file by its number.
PRAGMA application_id;
