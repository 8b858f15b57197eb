-- Every attempt is a row that is written when it is claimed and once more when it ends. Half of each
-- page stays free for that: the second version lies beside the first, and no index needs a new entry.
ALTER TABLE deliveries SET (fillfactor = 50);
