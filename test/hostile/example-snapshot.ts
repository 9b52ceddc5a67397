/**
 * The example cluster's default revision as a snapshot, compiled from texts that cold-runs.ts has written down: reading the
 * whole folder would be most of what a process for one case costs. Not a test.
 */
import { readFileSync } from 'node:fs'
import type { RevisionInputs, Snapshot } from '../../src/inject/index.ts'
import { compileRevision } from '../../src/revisions/index.ts'
import { snapshotOf } from '../inject/revision-fixture.ts'

export const EXAMPLE_INPUTS = 'REMORA_TEST_EXAMPLE_INPUTS'

export function exampleSnapshot(): Snapshot {
  const path = process.env[EXAMPLE_INPUTS]
  if (path === undefined) throw new Error(`${EXAMPLE_INPUTS} names no file`)
  // Written by cold-runs.ts.
  const inputs = JSON.parse(readFileSync(path, 'utf8')) as RevisionInputs
  return snapshotOf(compileRevision({ ...inputs, environment: new Map() }))
}
