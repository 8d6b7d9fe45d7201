/** `@stint/courier`: carries messages between a computer's agent and the server. Holds no key and no right. */
export { type Courier, type CourierParts, createCourier } from './courier.ts'
export {
  type AgentLink,
  type AgentQuestion,
  answerMax,
  type Log,
  type Random,
  type ServerAnswer,
  type ServerEvent,
  type ServerLink,
  type ServerRequest,
  type StreamHearing,
  type Timers,
} from './links.ts'
