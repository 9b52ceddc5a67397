/** Growing pods, the plot's axes, the slowest request of each second, and clusters of many revisions. */
import { join } from 'node:path'
import t from 'tap'
import { slowestBySecond } from '../../bench/growth/measure.ts'
import { plotGrowth, ticks } from '../../bench/growth/plot.ts'
import { growPod, KINDS } from '../../bench/growth/pods.ts'
import { allObjects, changeImages, clusterWith, writeCluster } from '../../bench/load/clusters.ts'
import { bodyMaker } from '../../bench/load/fill.ts'
import { container, findMaterial, review } from '../../bench/load/material.ts'
import { fitLine } from '../../bench/statistics.ts'
import { FolderCluster } from '../../src/cluster/index.ts'

t.test('a pod grows in one kind of item and is otherwise a pod of one Deployment', async (t) => {
  const typical = review({ containers: [container('web', [])] })
  for (const kind of KINDS) {
    const count = (n: number): number => {
      const { metadata, spec } = JSON.parse(bodyMaker(growPod(typical, kind, n))(7)).request.object
      const found = {
        containers: spec.containers.length - 1,
        env: (spec.containers[0].env ?? []).length,
        annotations: Object.keys(metadata.annotations ?? {}).length,
      }
      return found[kind]
    }
    t.equal(count(0), 0, kind)
    t.equal(count(25), 25, kind)
  }
})

t.test('axes end at round numbers', async (t) => {
  t.same(ticks(32), [0, 10, 20, 30, 40])
  t.same(ticks(2000), [0, 500, 1000, 1500, 2000])
  t.same(ticks(61.5), [0, 20, 40, 60, 80])
})

t.test('the plot has every point and states the slope', async (t) => {
  const points = [0, 10, 20].map((x) => ({ x, y: 3 * x + 40 }))
  const svg = plotGrowth([{ kind: 'env', points, line: fitLine(points) }])
  t.equal(svg.match(/<circle /g)?.length, 3)
  t.match(svg, '3.0 us each, R² 1.000')
})

t.test('the slowest request of each second is found', async (t) => {
  t.same(slowestBySecond([1, 5, 2, 2, 9, 3, 4], 3), [5, 9, 4])
})

t.test(
  'a cluster of so many revisions is read as that, and a change of images reaches those named',
  async (t) => {
    const material = findMaterial()
    t.teardown(() => material.close())
    const parts = clusterWith(material.clusterFolder, 3)
    t.same([...parts.revisions.keys()], ['default', 'r1', 'r2'])
    const folder = join(t.testdir({}), 'cluster')
    const hubs = async (): Promise<unknown[]> => {
      const cluster = new FolderCluster({ folder, snapshot: { istiodEnv: [], istioVersions: [] } })
      await cluster.start(AbortSignal.timeout(10_000))
      const { revisions } = cluster.snapshot()
      await cluster.close()
      t.same([...revisions.keys()], ['default', 'r1', 'r2'])
      return [...revisions.values()].map(({ config }) => {
        t.ok(config, 'it is usable')
        return JSON.stringify(config?.values.map ?? null).includes('registry.example/marker')
      })
    }
    writeCluster(folder, parts)
    t.same(await hubs(), [false, false, false])
    const changed = changeImages(parts, ['r1'], 'marker')
    writeCluster(folder, changed)
    t.same(await hubs(), [false, true, false])
    t.equal(allObjects(changed).length, allObjects(parts).length)
  },
)
