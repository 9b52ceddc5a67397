/**
 * Writes src/merge/pod-schema-data.ts: runs scripts/pod-schema, a small Go program that reflects over k8s.io/api
 * (its version is the one in scripts/pod-schema/go.mod; raise it there to follow Kubernetes). Needs Go and the Go
 * module proxy, so it is run by hand and its output is committed.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('pod-schema/', import.meta.url))
const target = fileURLToPath(new URL('../src/merge/pod-schema-data.ts', import.meta.url))

writeFileSync(target, execFileSync('go', ['run', '.'], { cwd: folder }))
