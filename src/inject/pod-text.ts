/**
 * Owns: that no message holds more than a short quote of the pod that it is about, whoever made the message: a template
 * that fails with an annotation, a parser, a function. What is known to be quoted is cut where it is quoted (quoteText).
 */
import { isObject, type JsonValue } from '../json/index.ts'
import { LONGEST_QUOTE } from '../visible-text.ts'
import type { Outcome } from './outcome.ts'

/** The outcome with messages in which each longer run of the pod's text is cut. */
export function cutPodText(outcome: Outcome, pod: JsonValue): Outcome {
  const spoken = outcome.kind === 'refused' || outcome.kind === 'fault' ? [outcome.message] : []
  const long = [...spoken, ...outcome.notes.map(({ message }) => message)].some(isLong)
  if (!long) return outcome
  const texts = longTexts(pod)
  if (texts.length === 0) return outcome
  const cut = (message: string): string => (isLong(message) ? cutRuns(message, texts) : message)
  const notes = outcome.notes.map((note) => ({ ...note, message: cut(note.message) }))
  if (outcome.kind !== 'refused' && outcome.kind !== 'fault') return { ...outcome, notes }
  return { ...outcome, message: cut(outcome.message), notes }
}

function isLong(message: string): boolean {
  return message.length > LONGEST_QUOTE
}

/** Keys and values that alone are longer than a quote, each as it stands and as JSON writes it. Pods may nest deeper than the stack. */
function longTexts(pod: JsonValue): readonly string[] {
  const found: string[] = []
  const open: JsonValue[] = [pod]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === 'string') add(value, found)
    else if (Array.isArray(value)) for (const item of value) open.push(item)
    else if (isObject(value)) {
      // Without lists of keys and pairs in between: a map may have 100,000.
      for (const key in value) {
        add(key, found)
        open.push(value[key] as JsonValue) // one of its own keys
      }
    }
  }
  return found
}

function add(text: string, found: string[]): void {
  if (!isLong(text)) return
  found.push(text)
  const written = JSON.stringify(text).slice(1, -1)
  if (written !== text) found.push(written)
}

/** A run that is too long holds a whole block of the text that begins at a multiple of this. */
const BLOCK = LONGEST_QUOTE / 2
/** Longer messages are answered shorter (admission/answer.ts), and logged as they are answered. */
const LONGEST_MESSAGE = 4096
/** A stretch that was compared so often, each time within a short run, is not compared again. */
const MAX_COMPARISONS = 256

interface Run {
  readonly from: number
  readonly to: number
}

/** Linear in the texts: only each text's own blocks are looked up among the message's stretches, which are few. */
function cutRuns(whole: string, texts: readonly string[]): string {
  const message =
    whole.length > LONGEST_MESSAGE ? `${whole.slice(0, LONGEST_MESSAGE).toWellFormed()}...` : whole
  const runs = new Runs(message)
  for (const text of texts) {
    for (let at = 0; at + BLOCK <= text.length; at += BLOCK) runs.lookUp(text, at)
  }
  return withoutRuns(message, runs.found)
}

interface Places {
  /** Where the stretch begins in the message, but for those that lie in a run already. */
  starts: readonly number[]
  comparisons: number
}

/** What a message and texts have in common. */
class Runs {
  readonly found: Run[] = []
  readonly #message: string
  readonly #places = new Map<string, Places>()

  constructor(message: string) {
    this.#message = message
    for (let at = 0; at + BLOCK <= message.length; at++) {
      const stretch = message.slice(at, at + BLOCK)
      const { starts } = this.#places.get(stretch) ?? { starts: [] }
      this.#places.set(stretch, { starts: [...starts, at].slice(0, MAX_COMPARISONS), comparisons: 0 })
    }
  }

  /** Adds the runs around the text's block there, where they are longer than a quote. */
  lookUp(text: string, at: number): void {
    const block = text.slice(at, at + BLOCK)
    const places = this.#places.get(block)
    if (places === undefined) return
    for (const start of places.starts) {
      if (this.#covers(start)) continue
      places.comparisons++
      const run = this.#compare(start, text, at)
      if (run.to - run.from > LONGEST_QUOTE) this.found.push(run)
    }
    places.starts = places.starts.filter((start) => !this.#covers(start))
    if (places.starts.length === 0 || places.comparisons > MAX_COMPARISONS) this.#places.delete(block)
  }

  #covers(start: number): boolean {
    return this.found.some(({ from, to }) => from <= start && start + BLOCK <= to)
  }

  #compare(start: number, text: string, at: number): Run {
    const message = this.#message
    let before = 0
    while (before < start && before < at && message[start - before - 1] === text[at - before - 1]) before++
    let end = BLOCK
    while (start + end < message.length && at + end < text.length && message[start + end] === text[at + end])
      end++
    return { from: start - before, to: start + end }
  }
}

/** Of each run, or of several that overlap, the beginning stays. */
function withoutRuns(message: string, runs: readonly Run[]): string {
  let [kept, done] = ['', 0]
  for (const { from, to } of runs.toSorted((a, b) => a.from - b.from)) {
    if (to <= done) continue
    if (from >= done) {
      const quote = message.slice(from, from + LONGEST_QUOTE - 3).toWellFormed()
      kept += `${message.slice(done, from)}${quote}...`
    }
    done = to
  }
  return kept + message.slice(done)
}
