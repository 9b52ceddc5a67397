/**
 * The chart's README agrees with its values, and its alerts and dashboard agree with the list of metrics. Helm is
 * not needed.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isObject, type JsonValue, own, parseYaml } from '../../src/json/index.ts'
import { METRIC_ROWS } from '../../src/observe/metrics-table.ts'
import { at, chart, listAt, textAt } from './helm.ts'

const read = (name: string): string => readFileSync(join(chart, name), 'utf8')

/** Dotted paths of a tree's leaves with their values; lists and empty objects are leaves. */
function leaves(value: JsonValue, path: string): readonly (readonly [string, string])[] {
  if (!isObject(value) || Object.keys(value).length === 0) return [[path, JSON.stringify(value)]]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
}

t.test("the README's table has every value with its default, in the order of values.yaml", async (t) => {
  const rows = [...read('README.md').matchAll(/^\| `([A-Za-z0-9_.]+)` \| `(.*?)` \| (.+) \|$/gm)]
  t.same(
    rows.map(([, path, value]) => `${path} ${value}`),
    leaves(parseYaml(read('values.yaml')), '').map(([path, value]) => `${path} ${value}`),
  )
  for (const [, path, , text] of rows) t.ok((text ?? '').trim().length > 3, `${path} is explained`)
})

t.test('the schema knows every value, and no other', async (t) => {
  const schema: JsonValue = JSON.parse(read('values.schema.json'))
  const known = (node: JsonValue | undefined, path: string): readonly string[] => {
    const properties = at(node, 'properties')
    if (!isObject(properties)) return [path]
    t.equal(at(node, 'additionalProperties'), false, `${path}: unknown values are refused`)
    return Object.entries(properties).flatMap(([key, inner]) =>
      known(inner, path === '' ? key : `${path}.${key}`),
    )
  }
  const inValues = leaves(parseYaml(read('values.yaml')), '').map(([path]) => path)
  const schemaPaths = known(schema, '').filter((path) => path !== 'global')
  const open = (path: string) =>
    schemaPaths.some(
      (known) => path === known || path.startsWith(`${known}.`) || known.startsWith(`${path}.`),
    )
  t.same(
    inValues.filter((path) => !open(path)),
    [],
  )
  t.same(
    schemaPaths.filter(
      (path) =>
        !inValues.some((value) => value === path || value.startsWith(`${path}.`)) &&
        // The content of an empty object is defined by the user.
        !inValues.some((value) => path.startsWith(`${value}.`)),
    ),
    [],
  )
})

t.test('the chart has the version of the package', async (t) => {
  const { version }: { version: string } = JSON.parse(readFileSync(join(chart, '../../package.json'), 'utf8'))
  t.match(parseYaml(read('Chart.yaml')), { version, appVersion: version })
})

const METRIC = /\b(?:remora|sidecar_injection|apiserver)_[a-z_]+/g
/** Not Remora's: what the API server measures of the webhooks that it calls. */
const ofApiServer = (metric: string): boolean => metric.startsWith('apiserver_')

interface Query {
  readonly where: string
  readonly text: string
}

/** Every query of the alerts and the dashboard. */
function queries(): readonly Query[] {
  const alerts = listAt(parseYaml(read('files/alerts.yaml')), 'groups').flatMap((group) =>
    listAt(group, 'rules').map((rule) => ({ where: textAt(rule, 'alert'), text: textAt(rule, 'expr') })),
  )
  const dashboard: JsonValue = JSON.parse(read('files/dashboard.json'))
  const panels = listAt(dashboard, 'panels').flatMap((panel) =>
    listAt(panel, 'targets').map((target) => ({
      where: textAt(panel, 'title'),
      text: textAt(target, 'expr'),
    })),
  )
  return [...alerts, ...panels]
}

t.test('alerts and dashboard use exactly the listed metrics and labels', async (t) => {
  const listed = new Map(
    read('files/metrics-used.txt')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [name = '', ...labels] = line.split(' ')
        return [name, labels]
      }),
  )
  const used = new Set<string>()
  const usedLabels = new Set<string>()
  for (const { where, text } of queries()) {
    const metrics = text.match(METRIC) ?? []
    for (const metric of metrics) used.add(metric)
    const labels = [...text.matchAll(/(?:by|without) \(([^)]*)\)|[{,]\s*([a-z_]+)\s*[!=]/g)].flatMap(
      ([, grouped, matched]) => grouped?.split(/\s*,\s*/) ?? [matched ?? ''],
    )
    for (const label of labels.filter((name) => name !== 'job')) {
      for (const metric of metrics) usedLabels.add(`${metric} ${label}`)
      t.ok(
        metrics.every((metric) => listed.get(metric)?.includes(label)),
        `${where}: label ${label}`,
      )
    }
    // istiod has metrics of the same names, and the API server any job.
    const own = metrics.filter((metric) => !ofApiServer(metric))
    if (metrics.length > 0 && own.length === 0) {
      t.match(text, /\{name=~".+sidecar-injector/, `${where} says whose webhooks`)
      continue
    }
    t.equal(
      text.match(/\{job=/g)?.length,
      text.match(/\b(?:remora|sidecar_injection|up)(?:_[a-z_]+)?\{/g)?.length,
      where,
    )
    t.equal(text.match(/\{job=/g)?.length, Math.max(1, own.length), `${where} says whose metrics`)
  }
  t.same([...used].sort(), [...listed.keys()].sort())
  t.same(
    [...usedLabels].sort(),
    [...listed].flatMap(([name, labels]) => labels.map((label) => `${name} ${label}`)).sort(),
  )
})

t.test('the server has every listed metric, with these labels', async (t) => {
  for (const line of read('files/metrics-used.txt').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [series = '', ...labels] = line.split(' ')
    if (ofApiServer(series)) continue
    // A histogram's buckets have a name and a label of Prometheus' own.
    const name = series.replace(/_bucket$/, '')
    const row = Object.entries(METRIC_ROWS).find(([known]) => known === name)?.[1]
    t.ok(row, name)
    const own: readonly string[] = row?.labels ?? []
    t.same(
      labels.filter((label) => !own.includes(label)),
      series === name ? [] : ['le'],
      line,
    )
  }
})

t.test('docs/operations.md has a section for each alert, and for no other', async (t) => {
  const page = readFileSync(join(chart, '../../docs/operations.md'), 'utf8')
  const [, alerts = ''] = /^## Alerts\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(page) ?? []
  const sections = [...alerts.matchAll(/^### (\w+)\n\n(.+)/gm)]
  t.same(
    sections.map(([, name]) => name).sort(),
    listAt(parseYaml(read('files/alerts.yaml')), 'groups')
      .flatMap((group) => listAt(group, 'rules').map((rule) => textAt(rule, 'alert')))
      .sort(),
  )
  for (const [, name, text = ''] of sections) t.ok(text.length > 40, `${name} says what to do`)
})

t.test('panels of the dashboard have unique ids and positions', async (t) => {
  const panels = listAt(JSON.parse(read('files/dashboard.json')), 'panels')
  t.equal(new Set(panels.map((panel) => at(panel, 'id'))).size, panels.length)
  t.equal(
    new Set(panels.map((panel) => JSON.stringify(isObject(panel) && own(panel, 'gridPos')))).size,
    panels.length,
  )
})
