/**
 * Detects the Istio release of a revision's control plane from its ConfigMaps. What a release changes is in gates.ts.
 * Fingerprints of the sidecar template cannot distinguish patch levels, nor 1.22 from 1.23.
 */
import { isObject, type JsonValue, own, parseYaml } from '../json/index.ts'
import type { FoundConfigMap } from './cluster-objects.ts'
import {
  formatIstioVersion,
  type IstioVersion,
  IstioVersionError,
  parseIstioVersion,
  serveIstioVersion,
} from './version.ts'

export type VersionEvidence = 'explicit' | 'label' | 'chart-label' | 'values-tag' | 'fingerprint' | 'assumed'

export interface DetectedVersion {
  readonly version: IstioVersion
  readonly evidence: VersionEvidence
  /** Readable: `ConfigMap label app.kubernetes.io/version`. */
  readonly reason: string
}

/** The detected version, mapped to a supported one. */
export interface RevisionVersion extends DetectedVersion {
  /** If it is newer than known: the version it is treated as. */
  readonly warnings: readonly string[]
}

/**
 * The version that a revision is treated as, from an option's text or else from its ConfigMaps.
 * @throws IstioVersionError `istio-version-invalid` for an option that is not a release, `istio-version-too-old`
 */
export function detectVersion(
  revision: { readonly injector: Pick<FoundConfigMap, 'labels' | 'data'> },
  stated: string | undefined,
): RevisionVersion {
  if (stated !== undefined && parseIstioVersion(stated) === undefined) {
    throw new IstioVersionError(
      'istio-version-invalid',
      `expected a release such as 1.24.2, found ${JSON.stringify(stated)}`,
    )
  }
  const { labels, data } = revision.injector
  const detected = detectVersionFrom({
    explicit: stated,
    labels,
    // Evaluated only if the labels do not decide: parsing both texts took a twentieth of the time from start to ready.
    get tag() {
      return scalarAt(data.get('values'), ['global', 'tag'])
    },
    get template() {
      return scalarAt(data.get('config'), ['templates', 'sidecar'])
    },
  })
  const served = serveIstioVersion(detected.version)
  return {
    ...detected,
    version: served.version,
    warnings: served.warning === undefined ? [] : [served.warning],
  }
}

/** A text or number in YAML; empty if there is none. A text that does not parse is reported when it is compiled. */
function scalarAt(yaml: string | undefined, path: readonly string[]): string {
  let value: JsonValue | undefined
  try {
    value = parseYaml(yaml ?? '')
  } catch {
    return ''
  }
  for (const key of path) value = isObject(value) ? own(value, key) : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export interface VersionClues {
  /** An option's value, which takes precedence. */
  readonly explicit?: string | undefined
  /** Labels of the injector's ConfigMap, 1.24 and later. */
  readonly labels: ReadonlyMap<string, string>
  /** values.global.tag. */
  readonly tag: string
  /** The sidecar template's text; empty if there is none. */
  readonly template: string
}

/**
 * The first clue that is a release. A template without any fingerprint counts as 1.9. An explicit text that is not a
 * release is skipped; the caller refuses it.
 */
export function detectVersionFrom(clues: VersionClues): DetectedVersion {
  const explicit = parseIstioVersion(clues.explicit ?? '')
  if (explicit !== undefined) return { version: explicit, evidence: 'explicit', reason: 'set explicitly' }
  const label = parseIstioVersion(clues.labels.get('app.kubernetes.io/version') ?? '')
  if (label !== undefined) {
    return { version: label, evidence: 'label', reason: 'ConfigMap label app.kubernetes.io/version' }
  }
  const chart = parseIstioVersion((clues.labels.get('helm.sh/chart') ?? '').replace(/^[a-z-]*?-(?=v?\d)/, ''))
  if (chart !== undefined)
    return { version: chart, evidence: 'chart-label', reason: 'ConfigMap label helm.sh/chart' }
  const tag = parseIstioVersion(clues.tag)
  if (tag !== undefined) return { version: tag, evidence: 'values-tag', reason: 'values.global.tag' }
  return fingerprintVersion(clues.template)
}

interface Fingerprint {
  readonly text: string
  /** First release whose template has it. */
  readonly since: string
}

/** Newest first: the first match decides. */
const fingerprints: readonly Fingerprint[] = [
  { text: '.ProxyInitImage', since: '1.31' },
  { text: 'otelResourceAttributes', since: '1.30' },
  { text: 'omitNil', since: '1.28.6' },
  { text: '.NativeSidecars', since: '1.27' },
  { text: 'ENABLE_CLUSTER_TRUST_BUNDLE_API', since: '1.26' },
  { text: 'reroute-virtual-interfaces', since: '1.25' },
  { text: '.InboundTrafficPolicyMode', since: '1.22' },
  { text: 'trunc 63', since: '1.21' },
  { text: '.ProxyUID', since: '1.20' },
  { text: 'ENABLE_NATIVE_SIDECARS', since: '1.19' },
  { text: 'credential-socket', since: '1.15' },
  { text: '.ProxyImage', since: '1.13' },
  { text: '.EstimatedConcurrency', since: '1.11' },
]

function fingerprintVersion(template: string): DetectedVersion {
  const found = fingerprints.find(({ text }) => template.includes(text))
  const versionSince = (since: string, reason: string, evidence: VersionEvidence): DetectedVersion => {
    const version = parseIstioVersion(since)
    if (version === undefined) throw new TypeError(`not a release: ${since}`)
    return { version: { ...version, text: formatIstioVersion(version) }, evidence, reason }
  }
  if (found === undefined)
    return versionSince('1.9', 'the sidecar template has no feature newer than 1.9', 'assumed')
  const reason = `the sidecar template has ${found.text}`
  // `istio_cni` was removed from the template after 1.23, and nothing else changed between 1.22 and 1.25.
  if (found.since === '1.22' && !template.includes('istio_cni')) {
    return versionSince('1.24', `${reason} and no istio_cni`, 'fingerprint')
  }
  // .EstimatedConcurrency was removed after 1.17.
  if (found.since === '1.15' && !template.includes('.EstimatedConcurrency')) {
    return versionSince('1.18', `${reason} and no .EstimatedConcurrency`, 'fingerprint')
  }
  return versionSince(found.since, reason, 'fingerprint')
}
