-- What a run was measured on and how: only runs that agree in it are on one leaderboard.
ALTER TABLE runs ADD COLUMN data_sha256 TEXT;
ALTER TABLE runs ADD COLUMN protocol TEXT;
UPDATE runs SET
  data_sha256 = ${sha256_of_report},
  protocol = COALESCE(${protocol_of_report}, 'hot')
WHERE status = 'done';
