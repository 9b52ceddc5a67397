export { type Decision, logDecision } from './decision.ts'
export { createLogger, type Logger, type LoggerOptions } from './logger.ts'
