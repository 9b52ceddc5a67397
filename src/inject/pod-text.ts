/**
 * Ensures that no message contains more than a short quote of its pod, whatever produced the message: a template that
 * fails with an annotation, a parser, a function. Where the quoted text is known, quoteText already shortens it.
 */
import { isObject, type JsonValue } from '../json/index.ts'
import { LONGEST_QUOTE } from '../visible-text.ts'
import type { Outcome } from './outcome.ts'

/** The outcome, with each longer run of the pod's text in its messages truncated. */
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

/**
 * Keys and values longer than a quote, both unchanged and as JSON writes them. Pods may be nested deeper than the
 * stack.
 */
function longTexts(pod: JsonValue): readonly string[] {
  const found: string[] = []
  const open: JsonValue[] = [pod]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === 'string') add(value, found)
    else if (Array.isArray(value)) for (const item of value) open.push(item)
    else if (isObject(value)) {
      // Avoids lists of keys and entries: a map may have 100,000.
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

/** Every run that is too long contains a whole block, which begins at a multiple of this in the text. */
const BLOCK = LONGEST_QUOTE / 2
/** Longer messages are truncated in the answer (admission/answer.ts), and logged as answered. */
const LONGEST_MESSAGE = 4096
/** A piece of the message compared this many times without finding a long run is not compared again. */
const MAX_COMPARISONS = 256

interface Run {
  readonly from: number
  readonly to: number
}

/** Linear in the texts: only each text's own blocks are looked up among the pieces of the message, which are few. */
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
  /** Positions of the piece in the message, except those within a run already found. */
  starts: readonly number[]
  comparisons: number
}

/** The text that a message and the pod's texts have in common. */
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

  /** Adds the runs around that block of the text if they are longer than a quote. */
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

/** Keeps the beginning of each run, or of several that overlap. */
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
