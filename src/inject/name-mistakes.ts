/**
 * Annotations and labels by names that Istio does not know but nearly, and annotations that Istio has deprecated: told
 * beside whatever is decided, and decides nothing. Which names there are is `istio/`; what labels say is
 * label-mistakes.ts.
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
  /** Of the revision that serves; undefined: none does. */
  readonly config: RevisionConfig | undefined
}

/** Whoever misspells all names of a large pod learns from the first few. */
const MOST_COMPARED = 16
const MOST_TOLD = 4
/** Of one map: looking up each of 100,000 names would cost as much as reading them. */
const MOST_LOOKED_AT = 1000

export function findNameMistakes({ metadata, namespace, config }: NamedThings): readonly Note[] {
  const comparison = new Comparison(config)
  const notes: Note[] = []
  if (namespace !== undefined) {
    for (const label of namespace.labels.keys())
      comparison.label("the namespace's", label, namespaceLabels, notes)
  }
  const annotations = own(metadata, 'annotations')
  // It brings along what the first injection was told of already.
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
  #told = 0

  constructor(config: RevisionConfig | undefined) {
    this.#config = config
  }

  label(whose: string, name: string, meant: readonly string[], notes: Note[]): void {
    if (knownLabels.has(name)) return
    const near = this.#nearest(name, meant)
    if (near === undefined) return
    const message = `${whose} label ${name} is ignored; is ${differingPart(name, near)} meant?`
    notes.push({ code: 'label-misspelt', message })
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
    const message = `${name} is ignored; is ${differingPart(name, near)} meant?`
    notes.push({ code: 'annotation-misspelt', message })
  }

  #nearest(name: string, meant: readonly string[]): string | undefined {
    if (this.#compared >= MOST_COMPARED || this.#told >= MOST_TOLD || !looksLikeIstio(name)) return undefined
    this.#compared++
    const near = nearestName(name, meant)
    if (near === undefined || this.#isNamedInConfiguration(name)) return undefined
    this.#told++
    return near
  }

  #describe({ since, applies, instead }: Deprecation, name: string, labels: unknown): string | undefined {
    if (this.#config === undefined || applies?.(this.#config.gates) === false) return undefined
    if (instead === undefined)
      return this.#isNamedInConfiguration(name) ? undefined : `${name}: since ${since} it has no effect`
    // Whoever serves old and new releases sets both; the label of the same name wins.
    if (isObject(labels) && own(labels, name) !== undefined) return undefined
    return `${name}: since ${since} use ${instead}`
  }

  /** A template of the operator's own may read whatever it likes. */
  #isNamedInConfiguration(name: string): boolean {
    return this.#config?.inputs.injectorConfigMap.config?.includes(name) === true
  }
}

/** What must be changed: the part before or behind the slash, or all of it; a warning should be short. */
function differingPart(name: string, meant: string): string {
  const [slash, itsSlash] = [name.indexOf('/'), meant.indexOf('/')]
  if (slash < 0 || itsSlash < 0) return meant
  if (name.slice(0, slash) === meant.slice(0, itsSlash)) return meant.slice(itsSlash + 1)
  return name.slice(slash) === meant.slice(itsSlash) ? meant.slice(0, itsSlash) : meant
}
