/** The private socket of a running server: server, client and path. */

export { AdminError, AdminSocket, type AdminSocketOptions, type AdminSubjects } from './admin-socket.ts'
export { askAdmin } from './ask-admin.ts'
export { defaultSocketPath } from './socket-path.ts'
