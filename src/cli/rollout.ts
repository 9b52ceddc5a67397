/** `remora rollout`: plan a rollout, see how far it is, and set its percentage. Nothing is restarted here. */
import {
  conditionsOf,
  planRollout,
  progressOf,
  type RolloutPlan,
  subjectsOf,
  type WorkloadToPlan,
} from '../analysis/index.ts'
import { LiveRollouts } from '../cluster/index.ts'
import { OptionError, ROLLOUT_OPTIONS, type RolloutOptions } from '../config/index.ts'
import type { Snapshot } from '../inject/index.ts'
import type { JsonObject } from '../json/index.ts'
import { annotationOf } from '../kube/index.ts'
import { didYouMean } from '../nearest-name.ts'
import { formatPercent, parseRollout, type RevisionRollout, readPercent } from '../rollout/index.ts'
import { type CommandIo, defineCommand, type Verb } from './command.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { warnOn, withCluster } from './open-cluster.ts'
import { choosePaint } from './paint.ts'
import { requestFor } from './pod-subject.ts'
import { readFacts } from './read-facts.ts'
import { newRollout, STEPS_ANNOTATION } from './rollout-manifest.ts'
import { planJson, planText } from './rollout-plan-text.ts'
import { statusJson, statusText } from './rollout-status-text.ts'
import { jsonData, lines } from './text.ts'

const ACTIONS = ['plan', 'status', 'continue', 'back'] as const

const SET = 'the percentage is set'

const VERBS = new Map<string, Verb<keyof typeof ROLLOUT_OPTIONS>>([
  [
    'plan',
    {
      summary: 'print a RevisionRollout, and which workloads each step would move; nothing is changed',
      form: 'plan --from REV --to REV',
      own: ['from', 'to', 'steps', 'name'],
      exitCodes: { success: 'printed' },
    },
  ],
  [
    'status',
    {
      summary: 'show how far all rollouts are, or the one of this name',
      form: 'status [NAME]',
      own: [],
      exitCodes: { success: 'printed', negative: 'a rollout has the condition Degraded' },
    },
  ],
  [
    'continue',
    {
      summary: 'set the next percentage of a rollout in the live cluster',
      form: 'continue NAME',
      own: ['percent'],
      exitCodes: { success: SET },
    },
  ],
  [
    'back',
    {
      summary: 'set the percentage of a rollout in the live cluster to 0, or to a lower one',
      form: 'back NAME',
      own: ['percent'],
      exitCodes: { success: SET },
    },
  ],
])

export const rolloutCommand = defineCommand({
  name: 'rollout',
  summary:
    'plan the rollout of a revision to a share of the workloads, show its progress, continue it or roll it back',
  forms: [...VERBS.values()].map(({ form }) => form),
  verbs: VERBS,
  options: ROLLOUT_OPTIONS,
  words: [{ values: ACTIONS }, { values: [] }],
  exitCodes: {
    success: 'the output is printed; with continue and back: the percentage is set',
    negative: 'status: a rollout has the condition Degraded',
  },
  async run({ options, words, io }) {
    const [verb, name, ...more] = words
    const action = ACTIONS.find((one) => one === verb)
    if (action === undefined || more.length > 0 || (action === 'plan' && name !== undefined))
      throw new OptionError(
        'argument-unexpected',
        `expected rollout ${ACTIONS.join('|')} [NAME], found ${words.length === 0 ? 'nothing' : JSON.stringify(words.join(' '))}`,
      )
    if (action === 'plan') return plan(options, io)
    if (action === 'status') return status(options, io, name)
    if (name === undefined)
      throw new OptionError('argument-unexpected', `rollout ${action} needs the name of a RevisionRollout`)
    return change(action, name, { options, io })
  },
})

async function plan(options: RolloutOptions, io: CommandIo): Promise<ExitCode> {
  const { from, to, steps } = options
  if (from === undefined || to === undefined)
    throw new OptionError('option-missing', 'rollout plan needs --from and --to')
  return withPlans(options, io, async ({ snapshot, planOf }) => {
    const object = newRollout({ ...options, from, to }, snapshot)
    const planned = planOf(parseRollout(object))
    io.out(
      options.output === 'json'
        ? jsonData(planJson(planned, object, steps), 2)
        : planText(planned, object, steps),
    )
    return EXIT.success
  })
}

async function status(options: RolloutOptions, io: CommandIo, name?: string): Promise<ExitCode> {
  return withPlans(options, io, async ({ snapshot, planOf }) => {
    const rollouts = (snapshot.rollouts ?? []).map(({ rollout }) => rollout)
    const shown = rollouts.filter((one) => name === undefined || one.name === name)
    const names = rollouts.map((one) => one.name)
    if (name !== undefined && shown.length === 0)
      throw new OptionError(
        'argument-unexpected',
        `there is no RevisionRollout ${JSON.stringify(name)}; known: ${names.join(', ') || 'none'}${didYouMean(name, names)}`,
      )
    const states = shown.map((rollout) => stateOf(planOf(rollout), snapshot))
    io.out(
      options.output === 'json'
        ? jsonData({ rollouts: states.map(statusJson) }, 2)
        : statusText(states, choosePaint(io)),
    )
    const degraded = states.some(({ conditions }) =>
      conditions.some((one) => one.type === 'Degraded' && one.status === 'True'),
    )
    return degraded ? EXIT.negative : EXIT.success
  })
}

function stateOf(planned: RolloutPlan, snapshot: Snapshot) {
  return { plan: planned, progress: progressOf(planned), conditions: conditionsOf(planned, snapshot) }
}

interface Change {
  readonly options: RolloutOptions
  readonly io: CommandIo
}

async function change(action: 'continue' | 'back', name: string, { options, io }: Change): Promise<ExitCode> {
  if (options.cluster !== 'live')
    throw new OptionError(
      'option-invalid',
      `--cluster: rollout ${action} changes the live cluster; in a folder, change spec.percent in the file`,
    )
  const live = new LiveRollouts(options)
  try {
    const object = await live.get(name)
    const rollout = parseRollout(object)
    const percent = nextPercent(action, { object, rollout }, options)
    await live.setPercent(object, percent)
    io.out(lines([`${name}: from ${formatPercent(rollout.slots)}% to ${percent}%`]))
  } finally {
    live.close()
  }
  // The state of the rollout does not affect the exit code: the percentage has been set.
  await status(options, io, name)
  return EXIT.success
}

function nextPercent(
  action: 'continue' | 'back',
  { object, rollout }: { readonly object: JsonObject; readonly rollout: RevisionRollout },
  { percent }: RolloutOptions,
): string {
  const { name, slots } = rollout
  if (rollout.steps.length > 0)
    throw new OptionError(
      'option-invalid',
      `${name} has spec.steps, so only the controller may set its percentage`,
    )
  const wanted = percent === undefined ? undefined : readPercent(percent)
  if (action === 'back') {
    if (wanted !== undefined && wanted >= slots)
      throw new OptionError(
        'option-invalid',
        `--percent: ${name} is at ${formatPercent(slots)}%; back needs a smaller percentage`,
      )
    return percent ?? '0'
  }
  if (wanted !== undefined && wanted <= slots)
    throw new OptionError(
      'option-invalid',
      `--percent: ${name} is at ${formatPercent(slots)}%; continue needs a larger percentage`,
    )
  if (percent !== undefined) return percent
  const steps = (annotationOf(object, STEPS_ANNOTATION) ?? '').split(',').map((one) => one.trim())
  const next = steps.find((one) => (readPercent(one) ?? 0) > slots)
  if (next === undefined)
    throw new OptionError(
      'option-missing',
      `${name} is at ${formatPercent(slots)}%, and its annotation ${STEPS_ANNOTATION} has no larger step; set one with --percent`,
    )
  return next
}

interface Plans {
  readonly snapshot: Snapshot
  planOf(rollout: RevisionRollout): RolloutPlan
}

function withPlans(
  options: RolloutOptions,
  io: CommandIo,
  use: (plans: Plans) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withCluster(options, { onProblem: warnOn(io) }, async (cluster) => {
    const { snapshot, objects, injectOptions } = cluster
    const facts = await readFacts({ ...cluster, problems: [] })
    const pods = Map.groupBy(subjectsOf('pod', facts), ({ workload }) => workload)
    const workloads = facts.workloads().map(
      (workload): WorkloadToPlan => ({
        title: workload.title,
        request: requestFor(workload),
        object: workload.object,
        pods: (pods.get(workload) ?? []).map(({ object }) => object),
      }),
    )
    const webhooks = await objects.list('mutatingwebhookconfiguration')
    return use({
      snapshot,
      planOf: (rollout) => planRollout({ rollout, workloads, webhooks, options: injectOptions }, snapshot),
    })
  })
}
