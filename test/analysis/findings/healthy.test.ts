/** No error and no warning on healthy manifests, injected by a real install. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findingsOf, subjectsOf } from '../../../src/analysis/index.ts'
import type { ClusterObject } from '../../../src/revisions/index.ts'
import { namespace, node } from '../../revisions/cluster-objects.ts'
import { findCorpus, skipWithoutCorpus } from '../../shared-corpus.ts'
import { factsOf } from '../check/check-fixture.ts'
import { healthyManifests } from './healthy-manifests.ts'

const CORPUS = 'installs/1.30.3'

t.test(
  '200 healthy manifests have no error and no warning',
  { skip: skipWithoutCorpus(CORPUS) },
  async (t) => {
    const file = join(findCorpus(CORPUS) ?? '', 'default.json')
    const { items } = JSON.parse(readFileSync(file, 'utf8')) as { items: ClusterObject['object'][] } // a List
    const objects = [
      ...items.map((object) => ({ object })),
      namespace('shop', { 'istio-injection': 'enabled' }),
      node('node-1', 'v1.32.4'),
    ]
    const facts = factsOf(objects, { workloads: healthyManifests(200, 'shop', 1) })
    const workloads = facts.workloads().filter(({ namespace: home }) => home === 'shop')
    t.equal(workloads.length, 200)
    t.ok(workloads.some((workload) => facts.trial(workload).outcome.kind === 'patched'))
    const subjects = [...workloads, ...subjectsOf('namespace', facts)]
    const found = subjects.flatMap((subject) => findingsOf(subject, facts))
    t.same(
      found
        .filter(({ severity }) => severity !== 'note')
        .map(({ code, where, message }) => [code, where.object, message]),
      [],
    )
    t.ok(
      found.some(({ code }) => code === 'job-does-not-end'),
      'notes are allowed',
    )
  },
)
