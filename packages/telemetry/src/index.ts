export { openTelemetryObserver, type TelemetryOptions } from "./open-telemetry-observer.js";
