export type {
  FailedRequest,
  TransportFault,
  WebhookAnswer,
  WebhookHandler,
  WebhookRequest,
} from './answer.ts'
export { AnswerCache } from './answer-cache.ts'
export { cacheShares, measuredCaches } from './cache-shares.ts'
export { END_CAUSES, HANDSHAKE_CAUSES } from './connection-causes.ts'
export type { ConnectionCounts, ConnectionEnd } from './connections.ts'
export { createRecorder } from './create-recorder.ts'
export { currentProblems, logLateCertificates, type ProblemSources } from './current-problems.ts'
export { createHealthApp, type Exposition, type HealthApp } from './health-app.ts'
export { createLastGood } from './last-good.ts'
export { type DrainTimes, drain } from './lifecycle.ts'
export { listenOn } from './listen.ts'
export { measuredParts } from './measured-parts.ts'
export { type OpenAdmin, openAdminSockets } from './open-admin.ts'
export {
  describeReadiness,
  type Readiness,
  type ReadinessFacts,
  type ServerState,
  type UnreadyReason,
} from './readiness.ts'
export { createReviewHandler, type Repeated, type ReviewHandlerOptions } from './review-handler.ts'
export { ServeFindings } from './serve-findings.ts'
export { createServingIdentity, type ServingIdentity } from './serving-identity.ts'
export {
  createWebhookApp,
  type WebhookApp,
  type WebhookAppOptions,
  type WebhookLimits,
} from './webhook-app.ts'
