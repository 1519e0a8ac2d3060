export { diagnoseVerification } from "./diagnose-verification.js";
export {
  imageVerification,
  type ImageVerification,
  type VerificationServices,
  type VerifiedImage,
} from "./verify-image.js";
export { verifyOption, type ConfiguredPolicy, type VerifyOption } from "./verify-option.js";
