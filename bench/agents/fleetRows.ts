import pg from "pg"
import {
  helloOf,
  keyIdOf,
  nodeIdOf,
  publicKeyOf,
  servicesEach,
  startedAt,
  workerIdOf,
  workerNameOf,
} from "./simulatedFleet.ts"

const range = (count: number) => Array.from({ length: count }, (_, at) => at)

export interface FleetRows {
  readonly agents: number
  /** Of them, those whose proxies take visitors for the whole fleet. */
  readonly ingress: number
  readonly endpointAddress: string
}

export const rolesOf = (agent: number, ingress: number) =>
  agent < ingress ? (["services", "ingress"] as const) : (["services"] as const)

const workers = ({ agents, ingress, endpointAddress }: FleetRows) =>
  JSON.stringify(
    range(agents).map((agent) => ({
      id: workerIdOf(agent),
      key: keyIdOf(agent),
      public_key: publicKeyOf(agent),
      name: workerNameOf(agent),
      node: nodeIdOf(agent),
      roles: rolesOf(agent, ingress),
      hello: helloOf(agent, rolesOf(agent, ingress), endpointAddress),
    })),
  )

const service = `'svc_' || lpad(n::text, 24, '0')`
const deployment = `'dep_' || lpad(n::text, 24, '0')`
const release = `'rel_' || lpad(n::text, 24, '0')`
const placement = `'plc_' || lpad(n::text, 24, '0')`
const organization = `'org_' || lpad((n / ${servicesEach})::text, 24, '0')`
const worker = `'wrk_' || lpad((n / ${servicesEach})::text, 24, '0')`
const container = `lpad(n::text, 64, '0')`
const configuration = `'{"_tag":"template","template":"nodejs"}'::jsonb, '{"GREETING":"hello","LOG_LEVEL":"info"}'::jsonb,
  '{"cpu":1,"memoryBytes":67108864,"storageBytes":67108864}'::jsonb, 3000, '/health'`

/** Rows of services that have been live for long, each with one instance: what deployments would have left behind. */
const statements = (services: number): ReadonlyArray<string> => {
  const all = `from generate_series(0, ${services - 1}) as n`
  return [
    `insert into service (id, organization_id, organization_slug, name, source, environment, resources, port, health_path,
       host, live_deployment_id, current_release_id, deployment_count, release_count)
     select ${service}, ${organization}, 'org-' || n / ${servicesEach}, 'service-' || n % ${servicesEach}, ${configuration},
       'service-' || n % ${servicesEach} || '-org-' || n / ${servicesEach} || '.localhost', ${deployment}, ${release}, 1, 1 ${all}`,
    `insert into release (id, organization_id, service_id, number, image_digest, image_bytes, store_path, command,
       source, environment, resources, port, health_path)
     select ${release}, ${organization}, ${service}, 1, 'sha256:' || repeat('0', 64), 1, '/nix/store/x', '[]', ${configuration} ${all}`,
    `insert into deployment (id, organization_id, service_id, number, trigger, status, source, environment, resources, port,
       health_path, release_id, finished_at)
     select ${deployment}, ${organization}, ${service}, 1, 'created', 'live', ${configuration}, ${release}, now() ${all}`,
    `insert into placement (id, organization_id, service_id, deployment_id, slot, worker_id, state, reason, created_at, healthy_at)
     select ${placement}, ${organization}, ${service}, ${deployment}, 0, ${worker}, 'serving', 'deployment', now(), now() ${all}`,
    `insert into instance (container_id, organization_id, service_id, deployment_id, placement_id, worker_id, healthy, observed)
     select ${container}, ${organization}, ${service}, ${deployment}, ${placement}, ${worker}, true, jsonb_build_object(
       'containerId', ${container}, 'placementId', ${placement}, 'serviceId', ${service}, 'deploymentId', ${deployment},
       'organizationId', ${organization}, 'state', 'running', 'healthy', true, 'probe', 'GET /health answered 200',
       'exitCode', null, 'outOfMemory', false, 'startedAt', '${startedAt}', 'lastLines', '[]'::jsonb) ${all}`,
  ]
}

/** A week of history of each worker, thinned out as it would be: one sample a minute of three hours, then one in ten. */
const history = (agents: number) => `
  insert into worker_sample (worker_id, at, cpu_percent, memory_used_bytes, disk_used_bytes, load1, instances)
  select 'wrk_' || lpad(n::text, 24, '0'), at, 10, 4294967296, 17179869184, 1, ${servicesEach}
  from generate_series(0, ${agents - 1}) as n, lateral (
    select generate_series(date_trunc('hour', now()) - interval '7 days', now() - interval '3 hours', '10 minutes') as at
    union select generate_series(date_trunc('minute', now()) - interval '3 hours', now(), '1 minute')) times`

/** A fleet that has been running for a while, as its platform finds it when it is started again. */
export const insertFleet = async (databaseUrl: string, fleet: FleetRows): Promise<void> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    // Nobody listens yet, and the rows fit together as they are made: no triggers.
    await client.query("set session_replication_role = replica")
    await client.query(
      `with one as (select w from jsonb_array_elements($1::jsonb) as w), named as (
         insert into worker (id, name, roles, granted_roles, hello, node_id, state, takes_new, gets_traffic)
         select w ->> 'id', w ->> 'name', r.roles, r.roles, w -> 'hello', w ->> 'node', 'active', true, true
         from one, lateral (select array(select jsonb_array_elements_text(w -> 'roles')) as roles) r
       ), reported as (
         insert into worker_report (worker_id, last_heartbeat_at) select w ->> 'id', now() from one
       )
       insert into worker_key (id, worker_id, public_key, used_at, expires_at)
       select w ->> 'key', w ->> 'id', w ->> 'public_key', now(), now() + interval '30 days' from one`,
      [workers(fleet)],
    )
    for (const statement of statements(fleet.agents * servicesEach)) await client.query(statement)
    await client.query(history(fleet.agents))
    await client.query("vacuum analyze")
  } finally {
    await client.end()
  }
}
