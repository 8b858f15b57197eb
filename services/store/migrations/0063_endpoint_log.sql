-- The last attempts at a webhook endpoint are read on its page, and other channels have no such page.

CREATE INDEX deliveries_endpoint ON deliveries (destination, started_at DESC) WHERE channel = 'webhooks';
