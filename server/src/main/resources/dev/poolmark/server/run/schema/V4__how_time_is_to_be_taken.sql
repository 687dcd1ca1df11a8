-- What was asked for: until now, the protocol was that of a report alone.
ALTER TABLE runs ADD COLUMN engine TEXT NOT NULL DEFAULT 'java';
ALTER TABLE runs ADD COLUMN protocols TEXT;
UPDATE runs SET protocol = 'fresh' WHERE protocol IS NULL;
