SELECT user_id AS "user!", count(*) AS "count!", max(created) AS "newest!"
FROM alerts
WHERE user_id = ANY ($1) AND removed_at IS NULL
GROUP BY user_id
