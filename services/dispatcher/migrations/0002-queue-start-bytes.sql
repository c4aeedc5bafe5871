-- How much a start of the run has to bring: one statement starts no more than it can answer in time.
-- Runs that wait already count as nothing.
alter table queue add column start_bytes int not null default 0;
