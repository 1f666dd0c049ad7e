-- What the platform looks for all the time is found without reading what has been settled for long.
create index placement_ending on placement (ended_at) where state = 'ended' and not gone;
create index service_deleted on service (id) where wish = 'deleted';
create index instance_placement on instance (placement_id);
create index service_volume_worker on service (volume_worker_id) where volume_worker_id is not null;
