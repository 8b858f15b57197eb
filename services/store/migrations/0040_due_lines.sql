-- How many destinations of each service have a line that may move now. A sender that was scaled to
-- zero has jobs of its own only here, where its queue does not show them: this is what wakes it.

CREATE VIEW due_lines AS
SELECT service, count(*) AS lines
FROM (
    SELECT DISTINCT ON (service, destination) service, due FROM parked_jobs
    ORDER BY service, destination, sequence
) AS head
WHERE due <= now()
GROUP BY service;
