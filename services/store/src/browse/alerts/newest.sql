SELECT id, title, description, url, icon, source, created, read_at
FROM alerts
WHERE user_id = $1 AND removed_at IS NULL
ORDER BY created DESC, id DESC
LIMIT $2 OFFSET $3
