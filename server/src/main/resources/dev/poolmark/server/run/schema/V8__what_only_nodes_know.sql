-- What only who may read the database knows: nodes let in nobody else.
CREATE TABLE cluster_secret (secret TEXT NOT NULL);
