/** Owns: `remora inject`: manifests in, injected manifests out, everything else on standard error. */
import { commandHelp, INJECT_OPTIONS, type InjectOptions, readOptions } from '../config/index.ts'
import {
  describeCode,
  type InjectionRequest,
  inject,
  type Outcome,
  type RevisionTarget,
  type Snapshot,
  targetOfName,
} from '../inject/index.ts'
import { encodeYaml, isObject, own, parseYaml } from '../json/index.ts'
import { readCluster } from '../runtime.ts'
import type { Command, CommandIo, ExitCode } from './command.ts'
import { isEmptyDocument, splitDocuments } from './documents.ts'
import { readNamedFile } from './read-file.ts'
import { manifestData, messageText, ownText, type Text, text } from './text.ts'
import { injectManifest } from './workloads.ts'

const DESCRIPTION = {
  name: 'inject',
  summary: 'inject the workloads of a file offline and print YAML, as istioctl kube-inject does',
  options: INJECT_OPTIONS,
}

export const injectCommand: Command = {
  name: DESCRIPTION.name,
  summary: DESCRIPTION.summary,
  options: DESCRIPTION.options,
  help: () => commandHelp(DESCRIPTION),
  async run(args, io) {
    const options = readOptions(INJECT_OPTIONS, { args, env: io.env })
    if (options.help === true) {
      io.out(ownText(commandHelp(DESCRIPTION)))
      return 0
    }
    const snapshot = await readCluster(options, (problem) =>
      io.err(messageText('warning: ', problem.message)),
    )
    const manifests =
      options.filename === '-' ? await io.readStdin() : await readNamedFile(options.filename, '--filename')
    return injectText(manifests, { options, snapshot, io })
  },
}

interface Work {
  readonly options: InjectOptions
  readonly snapshot: Snapshot
  readonly io: CommandIo
}

/** Prints all documents or, where a pod is refused, none: half a file applied is worse than none. */
function injectText(manifests: string, { options, snapshot, io }: Work): ExitCode {
  let failures = 0
  const context = {
    target: targetOf(options.revision, snapshot),
    namespace: options.namespace,
    nowMs: Date.now(),
    seed: Math.floor(Math.random() * 2 ** 32),
    inject: (request: InjectionRequest) => inject(request, snapshot),
    report(subject: string, outcome: Outcome) {
      const line = reportLine(subject, outcome)
      if (line !== undefined) io.err(text`${line}\n`)
      for (const note of outcome.notes) io.err(text`${subject}: note ${note.code}: ${note.message}\n`)
      if (outcome.kind === 'refused' || outcome.kind === 'fault') failures++
    },
  }
  const source = options.filename === '-' ? 'standard input' : options.filename
  const documents = splitDocuments(manifests)
  if (documents.every(isEmptyDocument)) {
    io.err(text`remora: ${source} holds no manifest: nothing to inject\n`)
    return 1
  }
  const printed = documents.map((document) => {
    if (isEmptyDocument(document)) return document.text
    // Blank lines in front keep the line numbers of errors those of the whole file.
    const manifest = parseYaml('\n'.repeat(document.line - 1) + document.text, { source })
    if (isObject(manifest) && own(manifest, 'kind') === 'AdmissionReview')
      io.err(reviewHint(source, document.line))
    const injected = injectManifest(manifest, context)
    return injected === manifest ? document.text : encodeYaml(injected)
  })
  if (failures > 0) return 1
  io.out(manifestData(printed.map((document) => `${document}---\n`).join('')))
  return 0
}

/** Other commands read reviews, so the unchanged output could be mistaken for an injected pod. */
function reviewHint(source: string, line: number): Text {
  return text`warning: ${source}, line ${line}: an AdmissionReview is printed unchanged, because inject takes manifests; \`remora explain -f\` and \`remora preview -f\` read reviews\n`
}

function targetOf(revision: string | undefined, snapshot: Snapshot): RevisionTarget {
  return revision === undefined ? { by: 'labels' } : targetOfName(revision, snapshot)
}

function reportLine(subject: string, outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case 'patched':
      return undefined
    case 'skipped':
      return `${subject}: not injected: ${outcome.code}: ${describeCode(outcome.code)?.sentence ?? ''}`
    case 'refused':
    case 'fault':
      return `${subject}: ${outcome.code}: ${outcome.message}`
  }
}
