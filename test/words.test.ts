/**
 * Names, comments, messages and pages use the terms of the field instead of the words below. Where one of these words is the
 * standard term, add a phrase to `ALLOWED` with the reason.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')

/** Each private word, in all its forms, with the term to use instead. */
const INSTEAD: ReadonlyMap<string, string> = new Map(
  Object.entries({
    way: 'the path, the method, the entry point, or "so" and "like"',
    ground: 'what the outcome depends on',
    mark: 'a placeholder, a label, or "record"',
    meet: 'match, satisfy, reach or find',
    recall: 'a cache hit',
    sight: 'a fingerprint that was seen before',
    tell: 'report, show, detect or distinguish',
    mend: 'fix',
    rehearse: 'warm up',
    shape: 'a parsed output, a form or a structure',
    hole: 'a slot',
    room: 'a package, a module, or space',
    own: 'is responsible for, contains, or belongs to',
  }),
)

const FORMS: ReadonlyMap<string, string> = new Map([
  ...Object.entries({
    way: 'way ways',
    ground: 'ground grounds',
    mark: 'mark marks marked marking',
    meet: 'meet meets met meeting',
    recall: 'recall recalls recalled',
    sight: 'sight sights',
    tell: 'tell tells told telling',
    mend: 'mend mends mended mending',
    rehearse: 'rehearse rehearses rehearsed rehearsal rehearsals',
    shape: 'shape shapes shaped',
    hole: 'hole holes',
    room: 'room rooms',
    own: 'owns',
  }).flatMap(([word, forms]) => forms.split(' ').map((form) => [form, word] as const)),
])

/** Phrases in which a word of the list is the standard term or quoted from elsewhere. */
const ALLOWED: readonly RegExp[] = [
  // Unicode's name of U+FEFF.
  /byte order marks?/gi,
  // Names of punctuation.
  /(?:question|quotation|exclamation) marks?/gi,
  // An option of V8.
  /--no-concurrent-marking/g,
  // Names that earlier releases printed, in the changelog's list of what was renamed.
  /`mend(?:ed)?` to `/g,
]

/** Names of files and folders whose text is data, generated from others' text, or about these words. */
const SKIPPED: readonly RegExp[] = [
  /^test\/words\.test\.ts$/,
  // Templates, manifests and answers of Istio and Kubernetes, and inputs of tests.
  /^examples\/canary-upgrade\/cluster\//,
  /^test\/recorded\/[^/]*\//,
  /\.cases\.jsonl$/,
  /^bench\/history\.jsonl$/,
]

const FILES = [
  '*.md',
  '.github/**/*.{md,yml,yaml}',
  '{src,bench,scripts,test}/**/*.ts',
  '{docs,bench,charts,examples,certs,test}/**/*.{md,txt,yaml,yml,tpl,json}',
]

interface Found {
  readonly place: string
  readonly word: string
  readonly instead: string
}

/** Words of prose and of identifiers: `templateShape`, `TEMPLATE_SHAPE` and `template-shape` contain `shape`. */
function findWords(file: string, text: string): readonly Found[] {
  const found: Found[] = []
  const plain = ALLOWED.reduce(
    (rest, phrase) => rest.replace(phrase, (match) => ' '.repeat(match.length)),
    text,
  )
  for (const [index, line] of plain.split('\n').entries()) {
    const place = `${file}:${index + 1}`
    for (const [written] of line.matchAll(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})/gu)) {
      const word = FORMS.get(written.toLowerCase())
      if (word !== undefined) found.push({ place, word: written, instead: INSTEAD.get(word) ?? '' })
    }
    // The word for any negative answer, as a noun: "a No", "the better No".
    if (/\p{Ll}[ -]Nos?\b(?!["'`.]*\d)/u.test(line))
      found.push({ place, word: 'No', instead: 'refused, denied or errored' })
  }
  return found
}

const files = FILES.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] }))
  .filter((file) => !SKIPPED.some((skipped) => skipped.test(file)))
  .sort()

t.test('no file uses a private word for what has a standard term', async (t) => {
  t.ok(files.length > 500, 'the files were found')
  const found = files.flatMap((file) => findWords(file, readFileSync(join(root, file), 'utf8')))
  t.same(found, [])
})

t.test('no file is named by such a word', async (t) => {
  t.same(
    files.flatMap((file) => findWords(file, file)),
    [],
  )
})

t.test('words are found in prose and in identifiers, whatever their case', async (t) => {
  const words = (text: string) => findWords('x', text).map(({ word }) => word)
  t.same(words('the way through, templateShape, TEMPLATE_SHAPE, template-shape, /** Owns: x */'), [
    'way',
    'Shape',
    'SHAPE',
    'shape',
    'Owns',
  ])
  t.same(words('a faithful answer and a better No'), ['No'])
  t.same(
    words('gateway, always, background, benchmark, byte order mark, owner, own, recommend, whole, bathroom'),
    [],
  )
  t.same(words('No webhook is called. Write "No" or NO.'), [])
})
