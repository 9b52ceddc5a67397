/**
 * Values of annotations that Istio does not validate: those that it ignores, and those that it hands to a proxy that
 * does not start with them. What it validates is in annotations.ts.
 */
import { type JsonObject, own } from '../json/index.ts'
import { shortText } from '../visible-text.ts'
import { checkPortList, parseGoBool } from './annotation-values.ts'
import type { Gates } from './gates.ts'

interface EffectRow {
  readonly fits: (value: string) => boolean
  readonly effect: 'ignored' | 'breaks'
  readonly expected: string
  /** Only releases that read the annotation at all. */
  readonly reads?: (gates: Gates) => boolean
}

const isBool = (value: string) => parseGoBool(value) !== undefined
const isWord = (value: string) => value === 'true' || value === 'false'
/** spdlog's level names, as Envoy's -l takes them. */
const ENVOY_LEVELS = ['trace', 'debug', 'info', 'warning', 'warn', 'error', 'critical', 'off']
const AGENT_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'none']

function isEnvoyLevel(value: string): boolean {
  return ENVOY_LEVELS.includes(value)
}

/** `filter:debug,http:info`. */
function areComponentLevels(value: string): boolean {
  return value
    .split(',')
    .every(
      (part) => /^[\w-]+:[a-z]+$/.test(part.trim()) && isEnvoyLevel(part.slice(part.indexOf(':') + 1).trim()),
    )
}

/** `info`, `default:info,wasm:debug`. */
function areAgentLevels(value: string): boolean {
  return value.split(',').every((part) => AGENT_LEVELS.includes(part.slice(part.lastIndexOf(':') + 1).trim()))
}

const rows: ReadonlyMap<string, EffectRow> = new Map<string, EffectRow>([
  [
    'sidecar.istio.io/nativeSidecar',
    {
      fits: isWord,
      effect: 'ignored',
      expected: '"true" or "false"',
      reads: (gates) => gates.nativeSidecarAnnotation,
    },
  ],
  [
    'sidecar.istio.io/rewriteAppHTTPProbers',
    { fits: isBool, effect: 'ignored', expected: '"true" or "false"' },
  ],
  ['sidecar.istio.io/capNetBindService', { fits: isWord, effect: 'ignored', expected: '"true" or "false"' }],
  [
    'sidecar.istio.io/logLevel',
    { fits: isEnvoyLevel, effect: 'breaks', expected: `one of ${ENVOY_LEVELS.join(', ')}` },
  ],
  [
    'sidecar.istio.io/componentLogLevel',
    {
      fits: areComponentLevels,
      effect: 'breaks',
      expected: 'names of components with levels, such as filter:debug,http:info',
    },
  ],
  [
    'sidecar.istio.io/agentLogLevel',
    {
      fits: areAgentLevels,
      effect: 'breaks',
      expected: `one of ${AGENT_LEVELS.join(', ')}, or default:LEVEL,SCOPE:LEVEL`,
    },
  ],
  [
    'traffic.sidecar.istio.io/includeOutboundPorts',
    {
      fits: (value) => checkPortList(value) === undefined,
      effect: 'breaks',
      expected: 'ports, separated by commas',
    },
  ],
])

export interface AnnotationEffect {
  readonly name: string
  /** Quoted and short. */
  readonly value: string
  readonly effect: 'ignored' | 'breaks'
  readonly expected: string
}

export function annotationEffects(annotations: JsonObject, gates: Gates): readonly AnnotationEffect[] {
  return [...rows].flatMap(([name, { fits, effect, expected, reads }]) => {
    const value = own(annotations, name)
    if (typeof value !== 'string' || fits(value) || reads?.(gates) === false) return []
    return [{ name, value: shortText(value), effect, expected }]
  })
}
