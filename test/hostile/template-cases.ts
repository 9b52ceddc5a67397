/**
 * Expensive templates, each in its own revision, and regular expressions with which backtracking engines do not end.
 * Not a test.
 */
import { RemoraError } from '../../src/errors.ts'
import { injectInSteps, type Snapshot } from '../../src/inject/index.ts'
import { pod, requestFor, revision, snapshotOf } from '../inject/revision-fixture.ts'
import type { HostileCase } from './hostile-case.ts'

const refusedTemplates: { readonly [name: string]: string } = {
  'range over itself': '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}',
  'a list of lists that doubles':
    '{{ $l := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ end }}{{ $l }}',
  'a list appended to while it is ranged over':
    '{{ $l := list 1 }}{{ range until 1000 }}{{ range $l }}{{ $l = concat $l $l }}{{ end }}{{ end }}',
  'a loop in a loop in a loop':
    '{{ range until 10000 }}{{ range until 10000 }}{{ range until 10000 }}x{{ end }}{{ end }}{{ end }}',
  'an output of 10 MB': '{{ range until 1000 }}{{ repeat 10240 "x" }}{{ end }}',
  'a template that calls itself': '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
  'two templates that call each other':
    '{{ define "a" }}{{ template "b" . }}{{ end }}{{ define "b" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
  'a template that calls itself twice':
    '{{ define "a" }}{{ if lt . 40 }}{{ template "a" (add1 . | int) }}{{ template "a" (add1 . | int) }}{{ end }}{{ end }}{{ template "a" 0 }}',
  'until 1000000000': '{{ range until 1000000000 }}x{{ end }}',
  'until -1000000000': '{{ range until -1000000000 }}x{{ end }}',
  'untilStep over a billion': '{{ untilStep 0 1000000000 1 | len }}',
  'seq over a billion': '{{ seq 1000000000 | len }}',
  'repeat 1000000000': '{{ repeat 1000000000 "x" | len }}',
  'repeat of a repeat': '{{ repeat 30000 (repeat 30000 "x") | len }}',
  'text that doubles':
    '{{ $s := "x" }}{{ range until 60 }}{{ $s = printf "%s%s" $s $s }}{{ end }}{{ len $s }}',
  'printf "%1000000000d"': '{{ printf "%1000000000d" 1 }}',
  'printf "%*d" with a billion': '{{ printf "%*d" 1000000000 1 }}',
  'printf "%.1000000000f"': '{{ printf "%.1000000000f" 1.5 }}',
  'indent by a billion': '{{ nindent 1000000000 "x" }}',
  'indent of a text by a billion': '{{ indent 1000000000 "x\ny" }}',
  'a random text of a billion': '{{ randAlpha 1000000000 }}',
  'random bytes of a billion': '{{ randBytes 1000000000 }}',
  'wrapping by one': '{{ wrapWith 1 (repeat 1000 "ab ") (repeat 100000 "a") }}',
  'replacing nothing': '{{ $s := replace "" (repeat 30000 "x") (repeat 30000 "y") }}{{ len $s }}',
  'joining by a long text': '{{ join (repeat 100000 "x") (until 1000) | len }}',
  'a list ranged over by itself':
    '{{ define "a" }}{{ range . }}{{ template "a" $ }}{{ end }}{{ end }}{{ template "a" (list 1 2) }}',
  'quoting again and again': '{{ $s := "\\"" }}{{ range until 60 }}{{ $s = quote $s }}{{ end }}{{ len $s }}',
  'escaping again and again':
    '{{ $s := "<" }}{{ range until 100000 }}{{ $s = html $s }}{{ end }}{{ len $s }}',
  'JSON of a value that doubles':
    '{{ $l := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ end }}{{ toJson $l }}',
  'YAML of a value that doubles':
    '{{ $l := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ end }}{{ toYaml $l }}',
  'deep equality of values that double':
    '{{ $l := list 1 }}{{ $m := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ $m = list $m $m }}{{ end }}{{ deepEqual $l $m }}',
  'a copy of a value that doubles':
    '{{ $d := dict }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ deepCopy $d }}',
  'a merge of values that double':
    '{{ $d := dict "x" 1 }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ merge (dict) $d }}',
  'a value nested 200,000 levels':
    '{{ $l := list }}{{ range until 200000 }}{{ $l = list $l }}{{ end }}{{ toJson $l }}',
  'a sort of ever longer lists':
    '{{ range until 1000 }}{{ sortAlpha (splitList "," (repeat 20000 "b,a,")) | len }}{{ end }}',
  'a digest again and again':
    '{{ $s := repeat 1000000 "x" }}{{ range until 100000 }}{{ sha256sum $s }}{{ end }}',
  'nested lists from JSON': `{{ range until 10000 }}{{ fromJson (repeat 10000 "[") }}{{ end }}`,
  'fuzzy search for subsets': '{{ range until 10000 }}{{ without (until 10000) 1 2 3 | len }}{{ end }}',
  'unique of many': '{{ uniq (until 100000) | len }}',
  'an expression nested 100,000 levels': `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`,
}

/** Compiled and run; no request gets to a template that does not compile. */
function rendering(template: string): HostileCase['prepare'] {
  return () => {
    const request = requestFor(pod())
    return function* () {
      let snapshot: Snapshot
      try {
        snapshot = snapshotOf(revision({ templates: { sidecar: template } }))
      } catch (error) {
        if (!(error instanceof RemoraError)) throw error
        return { kind: 'not compiled', code: error.code }
      }
      return yield* injectInSteps(request, snapshot)
    }
  }
}

const templateCases: readonly HostileCase[] = Object.entries(refusedTemplates).map(([name, template]) => ({
  name: `template: ${name}`,
  prepare: rendering(template),
}))

const text = `${'a'.repeat(50_000)}!`
const expressionCases: readonly HostileCase[] = [
  '(a+)+$',
  '(a*)*b',
  '(a|aa)+$',
  '^(a?){50}a{50}$',
  '(.*)*x',
].map((expression) => ({
  name: `regular expression: ${expression}`,
  prepare: rendering(`{{ regexMatch ${JSON.stringify(expression)} "${text}" | toJson | trunc 0 }}{}`),
}))

/** What a pod's author may write where a template wants a number. */
const numberCases: readonly HostileCase[] = ['0', '0x0'].flatMap((start) =>
  ['int', 'float64'].map((name) => ({
    name: `number: ${name} of many digits after ${start}`,
    prepare: rendering(`{{ $n := ${name} (printf "${start}%s!" (repeat 200000 "0")) }}{}`),
  })),
)

export const templateAndExpressionCases = [...templateCases, ...expressionCases, ...numberCases]
