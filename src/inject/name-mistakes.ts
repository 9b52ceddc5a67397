/**
 * Notes about annotations and labels whose names are close to one that Istio knows, and about annotations that Istio
 * has deprecated. They never affect the decision. The known names are in `istio/`; notes about the values of labels are
 * in label-mistakes.ts.
 */
import {
  type Deprecation,
  knownAnnotations,
  knownLabels,
  looksLikeIstio,
  namespaceLabels,
  nearestName,
  podLabels,
  sidecarAnnotations,
} from '../istio/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import type { Note } from './outcome.ts'
import { STATUS } from './restore.ts'
import type { RevisionConfig } from './revision-config.ts'
import type { NamespaceFacts } from './snapshot.ts'

export interface NamedThings {
  readonly metadata: JsonObject | undefined
  readonly namespace: NamespaceFacts | undefined
  /** The configuration of the serving revision; undefined: none serves. */
  readonly config: RevisionConfig | undefined
}

/** A few examples are enough for a pod with many misspelt names. */
const MOST_COMPARED = 16
const MAX_NOTES = 4
/** For one map: looking up each of 100,000 names would cost as much as reading them. */
const MOST_LOOKED_AT = 1000

export function findNameMistakes({ metadata, namespace, config }: NamedThings): readonly Note[] {
  const comparison = new Comparison(config)
  const notes: Note[] = []
  if (namespace !== undefined) {
    for (const label of namespace.labels.keys())
      comparison.label("the namespace's", label, namespaceLabels, notes)
  }
  const annotations = own(metadata, 'annotations')
  // These names come from a pod that the first injection has warned about.
  if (isObject(annotations) && own(annotations, STATUS) !== undefined) return notes
  const labels = own(metadata, 'labels')
  if (isObject(labels)) {
    for (const label of Object.keys(labels).slice(0, MOST_LOOKED_AT))
      comparison.label("the pod's", label, podLabels, notes)
  }
  if (isObject(annotations)) {
    for (const name of Object.keys(annotations).slice(0, MOST_LOOKED_AT))
      comparison.annotation(name, labels, notes)
  }
  return notes
}

class Comparison {
  readonly #config: RevisionConfig | undefined
  #compared = 0
  #reported = 0

  constructor(config: RevisionConfig | undefined) {
    this.#config = config
  }

  label(whose: string, name: string, meant: readonly string[], notes: Note[]): void {
    if (knownLabels.has(name)) return
    const near = this.#nearest(name, meant)
    if (near === undefined) return
    notes.push(misspelt({ code: 'label-misspelt', what: `${whose} label ${name}`, name, meant: near }))
  }

  annotation(name: string, labels: unknown, notes: Note[]): void {
    const known = knownAnnotations.get(name)
    if (known === 'current') return
    if (known !== undefined) {
      const message = this.#describe(known, name, labels)
      if (message !== undefined) notes.push({ code: 'annotation-deprecated', message })
      return
    }
    const near = this.#nearest(name, sidecarAnnotations)
    if (near === undefined) return
    notes.push(misspelt({ code: 'annotation-misspelt', what: name, name, meant: near }))
  }

  #nearest(name: string, meant: readonly string[]): string | undefined {
    if (this.#compared >= MOST_COMPARED || this.#reported >= MAX_NOTES || !looksLikeIstio(name))
      return undefined
    this.#compared++
    const near = nearestName(name, meant)
    if (near === undefined || this.#isNamedInConfiguration(name)) return undefined
    this.#reported++
    return near
  }

  #describe({ since, applies, instead }: Deprecation, name: string, labels: unknown): string | undefined {
    if (this.#config === undefined || applies?.(this.#config.gates) === false) return undefined
    if (instead === undefined)
      return this.#isNamedInConfiguration(name) ? undefined : `${name}: since ${since} it has no effect`
    // Authors that serve old and new releases set both; the label of the same name wins.
    if (isObject(labels) && own(labels, name) !== undefined) return undefined
    return `${name}: since ${since} use ${instead}`
  }

  /** A template of the operator's own may read any annotation. */
  #isNamedInConfiguration(name: string): boolean {
    return containsName(this.#config?.inputs.injectorConfigMap.config ?? '', name)
  }
}

/** As a whole name: one that lacks its last letter is part of the right one. */
function containsName(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const [before, after] = [text.charAt(at - 1), text.charAt(at + name.length)]
    if (!/[\w./-]/.test(before) && !/[\w-]/.test(after)) return true
  }
  return false
}

/** kubectl and the API server may cut off longer warnings. */
const LONGEST_WARNING = 120

interface Misspelling {
  readonly code: 'label-misspelt' | 'annotation-misspelt'
  /** The subject of the sentence. */
  readonly what: string
  readonly name: string
  readonly meant: string
}

/** Suggests the whole name, so that it can be copied; where it does not fit, the part to change. */
function misspelt({ code, what, name, meant }: Misspelling): Note {
  const suggest = (suggestion: string) => `${what} is ignored; try ${suggestion}`
  const whole = suggest(meant)
  // The warning ends with the code in brackets.
  const isLong = whole.length + code.length + ' []'.length > LONGEST_WARNING
  return { code, message: isLong ? suggest(differingPart(name, meant)) : whole }
}

/** Before or after the slash, or all of it. */
function differingPart(name: string, meant: string): string {
  const [slash, itsSlash] = [name.indexOf('/'), meant.indexOf('/')]
  if (slash < 0 || itsSlash < 0) return meant
  if (name.slice(0, slash) === meant.slice(0, itsSlash)) return meant.slice(itsSlash + 1)
  return name.slice(slash) === meant.slice(itsSlash) ? meant.slice(0, itsSlash) : meant
}
