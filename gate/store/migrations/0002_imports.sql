-- How far an import of a file has come; committed together with the records it brought.
CREATE TABLE imports (
    digest     BLOB PRIMARY KEY,            -- SHA-256 of the file
    lines_done INTEGER NOT NULL,
    accepted   INTEGER NOT NULL,
    rejected   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
