-- Logins that ended before their time: on every server their cookies open nothing any more.
CREATE TABLE logouts (login TEXT PRIMARY KEY, expires_at BIGINT NOT NULL);
