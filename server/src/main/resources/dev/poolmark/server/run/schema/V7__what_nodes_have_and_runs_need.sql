-- What each node has: data sets and models by their content, poolers by their plugin's jar, and the
-- machine that it is. A run needs the data and the pooler that were there when it was asked for.
CREATE TABLE holdings (
  node TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  about TEXT,
  PRIMARY KEY (node, kind, name)
);
CREATE INDEX holdings_by_content ON holdings (sha256, kind);
ALTER TABLE runs ADD COLUMN pooler_sha256 TEXT;
-- Where the time was taken: only runs of one machine are on one leaderboard.
ALTER TABLE runs ADD COLUMN measured_on TEXT;
UPDATE runs SET measured_on = ${machine_of_report} WHERE status = 'done';
