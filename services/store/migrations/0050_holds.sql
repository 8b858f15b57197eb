-- Channels that a person holds: their jobs wait in lines until the row is removed.
CREATE TABLE holds (
    service text PRIMARY KEY,
    since   timestamptz NOT NULL DEFAULT now(),
    note    text NOT NULL
);

-- What is held wakes no sender that was scaled to zero.
CREATE OR REPLACE VIEW due_lines AS
SELECT service, count(*) AS lines
FROM (
    SELECT DISTINCT ON (service, destination) service, due FROM parked_jobs
    ORDER BY service, destination, sequence
) AS head
WHERE due <= now() AND service NOT IN (SELECT service FROM holds)
GROUP BY service;
