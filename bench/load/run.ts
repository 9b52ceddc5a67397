/**
 * `npm run bench`: Remora's production build and the null webhook, each in its own process, in alternating rounds
 * over TLS keep-alive. The ratio is the CPU time per request of the null webhook divided by Remora's, so it does not
 * depend on the speed of the client. `--help` lists the options.
 */
import { writeFileSync } from 'node:fs'
import { orExplain } from '../arguments.ts'
import { writeReadme } from '../readme-section.ts'
import { wrkMissing } from './clients.ts'
import { measureLoad } from './measure.ts'
import { HELP, readLoadOptions } from './options.ts'
import { openStage } from './stage.ts'
import { describeMixes, LEGEND, markdownTable, tableHead, tableRow } from './table.ts'

const options = orExplain(() => readLoadOptions(process.argv.slice(2), wrkMissing() === undefined))
if (options === 'help') {
  console.log(HELP)
} else {
  const stage = await openStage(options.nodeArgs)
  try {
    console.log(stage.heading)
    const missing = wrkMissing()
    if (missing !== undefined) console.log(missing)
    const { plan } = options
    console.log(`${plan.rounds} alternating rounds of ${plan.seconds} s each; medians\n${tableHead()}`)
    const results = await measureLoad(stage, plan, (comparison) => console.log(tableRow(comparison)))
    console.log(`${LEGEND}\n${describeMixes(results)}`)
    if (options.writeReadme) {
      const rounds = `Medians of ${plan.rounds} alternating rounds of ${plan.seconds} s (open loop: ${plan.rateRounds} of ${plan.rateSeconds} s).`
      const sizes = describeMixes(results).replaceAll(/^/gm, '- ')
      const body = `${rounds}\n\n${markdownTable(results)}\n\n${LEGEND}.\n\n${sizes}`
      writeReadme('load', { heading: stage.heading, body })
    }
    if (options.out !== undefined) {
      const date = new Date().toISOString()
      writeFileSync(
        options.out,
        `${JSON.stringify({ date, heading: stage.heading, plan, results }, null, 1)}\n`,
      )
    }
  } finally {
    stage.close()
  }
}
