-- What the platform looks for all the time is found without reading what has been settled for long.
create index placement_ending on placement (ended_at) where state = 'ended' and not gone;
create index service_deleted on service (id) where wish = 'deleted';
