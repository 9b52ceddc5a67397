/** Whether templates may read volumes: examples, and Istio's own templates of each release. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type ParsedTemplate, parseTemplate } from '../../src/gotemplate/index.ts'
import { parseInjectorConfig } from '../../src/istio/index.ts'
import { templateMayReadVolumes } from '../../src/revisions/index.ts'
import { revision } from '../inject/revision-fixture.ts'
import { findCorpus, skipWithoutCorpus } from '../shared-corpus.ts'

const READ = [
  '{{ .Spec.Volumes }}',
  '{{ range .Spec.Volumes }}{{ end }}',
  '{{ len .Spec.Volumes }}',
  '{{ $.Spec.Volumes }}',
  '{{ $s := .Spec }}{{ $s.Volumes }}',
  '{{ (index .Spec.Containers 0).VolumeMounts }}',
  '{{ range .Spec.InitContainers }}{{ .VolumeMounts }}{{ end }}',
  '{{ toYaml .Spec }}',
  '{{ .Spec | toJson }}',
  '{{ . }}',
  '{{ printf "%v" $ }}',
  '{{ toYaml .Spec.Containers }}',
  '{{ range .Spec.Containers }}{{ . }}{{ end }}',
  '{{ range $i, $c := .Spec.Containers }}{{ toJson $c }}{{ end }}',
  '{{ with .Spec }}{{ toJson . }}{{ end }}',
  '{{ $x := dict "a" .Spec }}',
  '{{ or .Spec.Containers "" }}',
  '{{ define "x" }}{{ . }}{{ end }}{{ template "x" .Spec }}',
  '{{ define "x" }}{{ toYaml . }}{{ end }}{{ template "x" . }}',
  '{{ len .Spec }}',
  '{{ $x := "" }}{{ range .Values.a }}{{ $x }}{{ $x = $.Spec }}{{ end }}',
]
const DO_NOT = [
  '{{ .Spec.ServiceAccountName }}',
  '{{ range $i, $c := .Spec.Containers }}{{ $i }}{{ $c.Name }}{{ end }}',
  '{{ range .Spec.Containers }}{{ .Name }}{{ .Ports }}{{ end }}',
  '{{ (index .Spec.Containers 0).Name }}',
  '{{ applicationPorts .Spec.Containers }}',
  '{{ if .Spec.InitContainers }}a{{ end }}',
  '{{ with .Spec }}{{ .Hostname }}{{ len .Containers }}{{ end }}',
  '{{ toYaml .ObjectMeta }}{{ toJson .Values }}',
  '{{ range .Values.list }}{{ . }}{{ end }}',
  '{{ define "x" }}{{ .Values.a }}{{ end }}{{ template "x" . }}',
  'no action at all: volumes',
]

function mayRead(text: string): boolean {
  const definitions = new Map<string, ParsedTemplate>()
  parseTemplate({ name: 'sidecar', text }, definitions, () => 'yes')
  return templateMayReadVolumes(definitions)
}

t.test('templates that read volumes, or might, are recognised', async (t) => {
  for (const text of READ) t.equal(mayRead(text), true, text)
  for (const text of DO_NOT) t.equal(mayRead(text), false, text)
})

t.test('a configuration with a merge directive may hide what it does with a volume', async (t) => {
  t.equal(revision({ templates: { sidecar: 'spec: {}' } }).mayReadVolumes, false)
  t.equal(revision({ templates: { sidecar: 'spec: {volumes: [{$patch: delete}]}' } }).mayReadVolumes, true)
  t.equal(revision({ values: { global: { x: 'kube-api-access-abcde' } } }).mayReadVolumes, true)
  t.equal(revision({ templates: { sidecar: '{}', other: '{{ .Spec.Volumes }}' } }).mayReadVolumes, true)
})

t.test("Istio's own templates do not read volumes", { skip: skipWithoutCorpus('istio') }, async (t) => {
  const corpus = findCorpus('istio') ?? ''
  let asked = 0
  for (const version of readdirSync(corpus).filter((name) => /^\d/.test(name))) {
    const text = readFileSync(join(corpus, version, 'configs/default.json'), 'utf8')
    const { injectorConfig }: { injectorConfig: string } = JSON.parse(text)
    for (const [name, template] of parseInjectorConfig(injectorConfig, { source: version }).templates) {
      t.equal(mayRead(template), false, `${version} ${name}`)
      asked++
    }
  }
  t.ok(asked > 10)
})
