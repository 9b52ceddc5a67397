/**
 * Writes docs/compatibility.md: `node scripts/compatibility-page.ts`. Needs the corpora of recorded responses, whose cases it
 * counts; the conformance tests check that they pass. A test compares the page with the output of this script.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gateTable, newestKnownVersion } from '../src/istio/index.ts'
import { readRecorded } from '../test/conformance/read-recorded.ts'
import { findCorpusFolders } from '../test/conformance/suites.ts'
import { findCorpus } from '../test/shared-corpus.ts'

/** The fields of a recorded case that are needed for counting. */
interface RecordedCase {
  readonly path: string
  readonly istiodEnv?: { readonly [name: string]: string }
  readonly proxyConfigs?: readonly unknown[]
  readonly body?: unknown
  readonly expected: { readonly allowed?: boolean; readonly patchedPod?: unknown }
}

interface Recorded {
  readonly version: string
  /** Cases by suite. */
  readonly suites: ReadonlyMap<string, number>
  /** Cases by row of `features`. */
  readonly features: readonly number[]
}

type Feature = readonly [name: string, found: (one: RecordedCase, body: string) => boolean]

const mentions = (name: string, pattern: RegExp): Feature => [name, (_, body) => pattern.test(body)]

const features: readonly Feature[] = [
  ['Pods that are injected', ({ expected }) => expected.patchedPod !== undefined],
  [
    'Pods that are admitted unchanged',
    ({ expected }) => expected.allowed === true && expected.patchedPod === undefined,
  ],
  ['Pods that are refused', ({ expected }) => expected.allowed === false],
  mentions('Choice of templates (`inject.istio.io/templates`)', /"inject\.istio\.io\/templates"/),
  mentions('An istio-proxy that the pod customises', /"name":"istio-proxy"/),
  mentions('Injected before (`sidecar.istio.io/status`)', /"sidecar\.istio\.io\/status"/),
  mentions('Overrides kept (`proxy.istio.io/overrides`)', /"proxy\.istio\.io\/overrides"/),
  mentions(
    'Native or ordinary sidecar by annotation (`sidecar.istio.io/nativeSidecar`)',
    /"sidecar\.istio\.io\/nativeSidecar"/,
  ),
  [
    'Native or ordinary sidecar by control-plane environment',
    ({ istiodEnv }) => Object.keys(istiodEnv ?? {}).some((name) => name.endsWith('NATIVE_SIDECARS')),
  ],
  ['OpenShift', ({ istiodEnv }) => istiodEnv?.['PLATFORM'] === 'openshift'],
  mentions('Probes', /"(?:liveness|readiness|startup)Probe"/),
  mentions('Lifecycle handlers', /"lifecycle"/),
  mentions('Prometheus annotations', /"prometheus\.(?:istio\.)?io\//),
  mentions('ProxyConfig by annotation (`proxy.istio.io/config`)', /"proxy\.istio\.io\/config"/),
  ['ProxyConfig resources', ({ proxyConfigs }) => (proxyConfigs ?? []).length > 0],
  mentions('Traffic annotations (`traffic.sidecar.istio.io/*`)', /"traffic\.sidecar\.istio\.io\//),
  mentions(
    'Resource annotations (`proxyCPU`, `proxyMemory`, their limits)',
    /"sidecar\.istio\.io\/proxy(?:CPU|Memory)/,
  ),
  mentions('Image annotations (`proxyImage`, `proxyImageType`)', /"sidecar\.istio\.io\/proxyImage/),
  mentions('User volumes and mounts', /"sidecar\.istio\.io\/userVolume/),
  mentions('Status port and readiness annotations', /"(?:readiness\.)?status\.sidecar\.istio\.io\//),
  mentions('Multus networks', /"k8s\.v1\.cni\.cncf\.io\/networks"/),
  ['Environment in the path', ({ path }) => path !== '/inject'],
  mentions('Init containers of the pod', /"initContainers"/),
]

const otherCorpora: readonly (readonly [folder: string, what: string])[] = [
  ['gotemplate', "Go's `text/template`: parsing, evaluation, printing, errors with their positions"],
  ['sprig', "sprig's text functions"],
  ['go-yaml-json', 'YAML as sigs.k8s.io/yaml reads and writes it, JSON as encoding/json does'],
  ['strategic-merge', "Kubernetes' strategic merge patch, and the typed Pod"],
  ['json-patch', 'JSON patches as the API server applies them'],
  ['selectors', "the webhooks' own selectors, evaluated by Kubernetes' code"],
]

/** Recordings that are committed. */
const committed = fileURLToPath(new URL('../test/recorded', import.meta.url))

const addRelease = [
  '## Add a release',
  '',
  'Adding a release means adding data, and rows in `src/istio/gates.ts` where its behaviour changed. Nothing else compares',
  'versions.',
  '',
  '1. Install the release in a test cluster, and export everything that affects injection into a folder: the ConfigMaps',
  '   `istio-sidecar-injector` and `istio`, the Namespaces, the Nodes, the ProxyConfigs, and the istiod Deployment (for its',
  '   environment). See `examples/canary-upgrade/cluster` for the format. The test cluster needs the same Namespaces, since istiod',
  '   uses its own cluster.',
  '2. Make istiod reachable, for example with `kubectl -n istio-system port-forward deployment/istiod 15017`, and take its CA',
  '   from the `caBundle` of its webhook configuration. The host in the URL must be a name in the certificate of istiod, so map',
  '   `istiod.istio-system.svc` to 127.0.0.1 in `/etc/hosts`.',
  '3. Record its responses. Use reviews that you wrote yourself: they are recorded as they are, and so are the configurations.',
  '',
  '   ```sh',
  '   remora replay examples/canary-upgrade/reviews --cluster FOLDER --revision default \\',
  '     --server https://istiod.istio-system.svc:15017 --ca ca.pem --record test/recorded/1.32.0/default',
  '   ```',
  '',
  '   The command also compares each response with that of this Remora. If some differ, it exits with 1 and records them',
  '   anyway. Use a separate folder for each configuration and revision. To record Remora itself, name the revision in the',
  '   URL: `https://localhost:9443/revisions/default/inject`.',
  '4. Run the cases: `npm run -s conformance -- test/recorded/1.32.0`. `--case ID` shows what differs in one.',
  '5. For each difference, find the change in the source of Istio, add a row to `gateTable` in `src/istio/gates.ts` with the',
  '   first release that has it, and read `gates.<name>` where the behaviour is implemented (see the table in',
  '   [ARCHITECTURE.md](../ARCHITECTURE.md)). Recordings of older releases must still pass.',
  '6. Set `newestKnownVersion` in `src/istio/version.ts` when the release is a new minor. Until then it is treated as the newest',
  '   known release, with a warning.',
  '7. Regenerate this page with `node scripts/compatibility-page.ts`, and add a line to CHANGELOG.md. The script needs the larger',
  '   corpora; without them, add the rows by hand.',
]

/** The whole page with a final newline; undefined if the recorded cases are missing. */
export function renderCompatibilityPage(): string | undefined {
  const folder = findCorpus('istio')
  if (folder === undefined) return undefined
  const versions = readdirSync(folder)
    .filter((name) => /^\d/.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const recorded = versions.map((version) => countCases(join(folder, version), version))
  const suites = [...new Set(recorded.flatMap((one) => [...one.suites.keys()]))].sort()
  return [
    '# Compatibility with Istio',
    '',
    'Given the ConfigMaps of an Istio release, Remora injects pods as the injector of that release does. This page lists the',
    'releases and says how this is tested. [differences.md](differences.md) lists intentional differences.',
    '`node scripts/compatibility-page.ts` writes this page, and a test compares it with the recorded cases.',
    '',
    '## Releases',
    '',
    '| Istio | support |',
    '|---|---|',
    '| 1.8 and older | refused with an error that says why: the configuration has a different format |',
    '| 1.9 to 1.18 | best effort: the same engine serves them, without recorded responses |',
    `| 1.19 to ${newestKnownVersion.major}.${newestKnownVersion.minor} | supported; the last table on this page lists the differences between them |`,
    '| newer | treated as the newest known release, with a warning |',
    '',
    'A pre-release counts as its release. `remora version --cluster DIR` prints how the release of each revision was determined.',
    '',
    '## Responses recorded from istiod',
    '',
    'Each case was sent to the injection webhook of that release, and the response was recorded.',
    '`npm test` and `npm run -s conformance` compare every case: patched pods field by field, strings byte by byte.',
    '',
    ...table('suite', suites, recorded, (one, index) => one.suites.get(suites[index] ?? '') ?? 0),
    totalRow(recorded),
    '',
    'The same cases by feature (a case may count in several rows):',
    '',
    ...table(
      'feature',
      features.map(([name]) => name),
      recorded,
      (one, index) => one.features[index] ?? 0,
    ),
    '',
    '### In the repository',
    '',
    'Some cases use reviews and configurations that were written for this project. They are committed in `test/recorded`',
    '([README](../test/recorded/README.md)), so `npm test` always runs them.',
    '',
    '| Istio | cases |',
    '|---|---:|',
    ...findCorpusFolders(committed).map(
      ({ path }) =>
        `| ${path.slice(committed.length + 1)} | ${[...countCases(path, '').suites.values()].reduce((sum, count) => sum + count, 0)} |`,
    ),
    '',
    ...addRelease,
    '',
    '## Releases without recordings',
    '',
    'During development, the handlers of further releases were run on the bodies recorded for neighbouring releases, with',
    "the configurations that their own charts render, and on thousands of randomly changed bodies. Remora's responses were",
    'compared field by field as well. Releases: 1.19.0, 1.19.3, 1.19.10, 1.22.0, 1.22.3, 1.22.8, 1.25.0, 1.25.2, 1.25.5, 1.29.0,',
    '1.29.1. All recorded bodies (1050 to 1800 per release, also with native sidecars and OpenShift enabled) agree.',
    '',
    '## Lower layers',
    '',
    '| corpus | content | cases |',
    '|---|---|---:|',
    ...otherCorpora.map(([name, what]) => `| ${name} | ${what} | ${countOther(name)} |`),
    '',
    '## Differences between releases',
    '',
    'One table in the source (`src/istio/gates.ts`) lists every difference. If patch releases of older minors have it too,',
    'several first releases are listed.',
    '',
    '| since | until | |',
    '|---|---|---|',
    ...Object.values<{ readonly since: string; readonly until?: string; readonly sentence: string }>(
      gateTable,
    ).map(
      ({ since, until, sentence }) => `| ${since} | ${until ?? ''} | ${sentence.replaceAll('|', '\\|')} |`,
    ),
    '',
  ].join('\n')
}

function countCases(folder: string, version: string): Recorded {
  const suites = new Map<string, number>()
  const counts = features.map(() => 0)
  for (const file of readdirSync(folder).filter((name) => /\.jsonl(?:\.br)?$/.test(name))) {
    for (const line of readRecorded(join(folder, file)).split('\n')) {
      if (line === '') continue
      const one: RecordedCase = JSON.parse(line)
      const body = JSON.stringify(one.body ?? '')
      const suite = file.replace(/\.jsonl(?:\.br)?$/, '')
      suites.set(suite, (suites.get(suite) ?? 0) + 1)
      features.forEach(([, found], index) => {
        if (found(one, body)) counts[index] = (counts[index] ?? 0) + 1
      })
    }
  }
  return { version, suites, features: counts }
}

function table(
  first: string,
  rows: readonly string[],
  recorded: readonly Recorded[],
  count: (one: Recorded, row: number) => number,
): readonly string[] {
  return [
    `| ${[first, ...recorded.map((one) => one.version)].join(' | ')} |`,
    `|---${'|---:'.repeat(recorded.length)}|`,
    ...rows.map((name, row) => `| ${[name, ...recorded.map((one) => count(one, row) || '')].join(' | ')} |`),
  ]
}

function totalRow(recorded: readonly Recorded[]): string {
  const totals = recorded.map((one) => [...one.suites.values()].reduce((sum, count) => sum + count, 0))
  return `| ${['all', ...totals].join(' | ')} |`
}

/** Cases with an answer to compare. For selectors, every combination of labels counts. */
function countOther(name: string): number {
  const folder = findCorpus(name)
  if (folder === undefined) return 0
  const files = readdirSync(folder).filter((file) => /^(?:cases-.*|selectors)\.json$/.test(file))
  return files
    .flatMap((file): readonly OtherCase[] => JSON.parse(readFileSync(join(folder, file), 'utf8')))
    .reduce((sum, one) => sum + (one.rows?.length ?? (name === 'json-patch' && isError(one) ? 0 : 1)), 0)
}

interface OtherCase {
  readonly rows?: readonly unknown[]
  readonly expect?: object
}

/** Patches that the API server refuses do not count: Remora never writes them. */
function isError(one: OtherCase): boolean {
  return one.expect === undefined || !('result' in one.expect)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = renderCompatibilityPage()
  if (page === undefined) throw new Error('the corpora of recorded answers are not beside the project')
  writeFileSync(new URL('../docs/compatibility.md', import.meta.url), page)
}
