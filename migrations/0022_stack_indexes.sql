-- What goes with a deployment, a release or a service is found without reading all of these tables.
create index stack_step_deployment on stack_step (deployment_id) where deployment_id is not null;
create index stack_step_release on stack_step (release_id) where release_id is not null;
create index source_check_service on source_check (service_id) where service_id is not null;
