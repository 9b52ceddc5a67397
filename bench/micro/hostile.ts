/**
 * `npm run bench:hostile`: measures the hostile cases of test/hostile. Each runs in its own cold process, bundled
 * like the production build and with the ENTRYPOINT's options. Prints the slowest cases and exits with 1 if one
 * exceeds the limit. Figures depend on the machine, so no test asserts them.
 */
import { runCold } from '../../test/hostile/cold-runs.ts'
import { FAMILIES } from '../../test/hostile/hostile-case.ts'

/** The CPU time of the main thread that one step of a hostile request may take in a cold process: others wait for that long. */
const LIMIT_MS = 150
const SHOWN = 15

const figures = []
for (const family of FAMILIES) {
  const { runs, description } = await runCold(family)
  console.log(`${family}: ${runs.length} cases; ${description}`)
  for (const { name, ran, failure } of runs)
    figures.push({
      name,
      code: ran?.code ?? failure ?? '',
      stepMs: ran?.longestStepMs ?? Number.POSITIVE_INFINITY,
      allMs: ran?.cpuMs ?? Number.POSITIVE_INFINITY,
      mib: (ran?.peakRssBytes ?? 0) / 2 ** 20,
    })
}
figures.sort((a, b) => b.stepMs - a.stepMs)

console.log(`${figures.length} hostile cases, limit ${LIMIT_MS} ms for a step; the ${SHOWN} slowest:`)
console.log(' step ms  all ms   MiB  answer                          case')
for (const { name, code, stepMs, allMs, mib } of figures.slice(0, SHOWN))
  console.log(
    `${stepMs.toFixed(1).padStart(8)} ${allMs.toFixed(0).padStart(7)} ${mib.toFixed(0).padStart(5)}  ${code.padEnd(30)}  ${name}`,
  )
const beyond = figures.filter(({ stepMs }) => stepMs > LIMIT_MS)
console.log(beyond.length === 0 ? 'None beyond the limit.' : `${beyond.length} beyond the limit.`)
if (beyond.length > 0) process.exitCode = 1
