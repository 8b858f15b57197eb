SELECT count(*) AS "count!" FROM alerts WHERE user_id = $1 AND removed_at IS NULL
