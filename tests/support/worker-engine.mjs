// Before each test file: the engine of this worker is the test engine, unless one was named for all.
const own = process.env[`MOLECULE_TEST_ENGINE_${process.env.JEST_WORKER_ID}`];
if (own) process.env.MOLECULE_TEST_ENGINE = own;
