/** What a new stack begins as: a database, and an application that finds it. */
export const sampleStack = `{
  "name": "shop",
  "title": "Shop",
  "description": "An application with its database.",
  "services": {
    "db": {
      "title": "PostgreSQL 15",
      "template": "postgresql",
      "port": 5432,
      "volume": { "path": "/data", "sizeBytes": 1073741824, "whenWorkerIsLost": "wait" },
      "environment": { "POSTGRES_PASSWORD": "\${db.password}" },
      "secrets": ["password"]
    },
    "web": {
      "title": "Application",
      "git": "https://github.com/example/shop.git",
      "public": true,
      "port": 8080,
      "healthPath": "/health",
      "environment": { "DATABASE_URL": "postgresql://app:\${db.password}@\${db.host}:\${db.port}/app" },
      "needs": ["db"]
    }
  }
}
`
