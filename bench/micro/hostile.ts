/**
 * How long the hostile cases of test/hostile take: `npm run bench:hostile`. Prints the slowest and exits with 1 where
 * one takes longer than the limit. Figures depend on the machine, so no test asserts them.
 */
import { annotationGroups } from '../../test/hostile/annotation-cases.ts'
import { type HostileCase, runCase } from '../../test/hostile/hostile-case.ts'
import { podGroups, reviewCases } from '../../test/hostile/pod-cases.ts'
import { expressionCases, templateCases } from '../../test/hostile/template-cases.ts'

/** What a hostile request may cost, however it is answered. */
const LIMIT_MS = 100
/** Reviews of 1 to 5 MB, most of which is the engine's JSON parser. */
const REVIEW_LIMIT_MS = 500
const RUNS = 5
const SHOWN = 15

interface Figure {
  readonly name: string
  readonly code: string
  readonly ms: number
  readonly limitMs: number
}

/** The best of some runs, each by wall clock or by the process' own time, whichever says less: others' work does not count. */
function measure<A extends object>(one: HostileCase<A>, limitMs: number): Figure {
  let [ms, code] = [Number.POSITIVE_INFINITY, '']
  // What is far below the limit is not looked at twice.
  for (let i = 0; i < RUNS && ms > limitMs / 10; i++) {
    const began = performance.now()
    const cpu = process.cpuUsage()
    try {
      code = codeOf(runCase(one).answer)
    } catch (error) {
      // A template that is refused when it is compiled.
      code = `thrown: ${error instanceof Object ? codeOf(error) : String(error)}`
    }
    const { user, system } = process.cpuUsage(cpu)
    ms = Math.min(ms, performance.now() - began, (user + system) / 1000)
  }
  return { name: one.name, code, ms, limitMs }
}

function codeOf(answer: object): string {
  return 'code' in answer ? String(answer.code) : 'kind' in answer ? String(answer.kind) : ''
}

const grouped = [...annotationGroups, ...podGroups].flatMap((group) =>
  group.cases.map(({ name, run }) => ({ name: `${group.name}: ${name}`, run })),
)
const figures = [
  ...[...grouped, ...templateCases, ...expressionCases].map((one) => measure(one, LIMIT_MS)),
  ...reviewCases.map((one) => measure(one, REVIEW_LIMIT_MS)),
].toSorted((a, b) => b.ms - a.ms)

console.log(
  `${figures.length} hostile cases, limit ${LIMIT_MS} ms (${REVIEW_LIMIT_MS} ms for whole reviews); the ${SHOWN} slowest:`,
)
console.log('      ms  answer                          case')
for (const { name, code, ms } of figures.slice(0, SHOWN))
  console.log(`${ms.toFixed(1).padStart(8)}  ${code.padEnd(30)}  ${name}`)
const beyond = figures.filter(({ ms, limitMs }) => ms > limitMs)
console.log(beyond.length === 0 ? 'None beyond the limit.' : `${beyond.length} beyond the limit.`)
if (beyond.length > 0) process.exitCode = 1
