// Starts one service of Azurite: node start.js blob --blobPort 0 ...
// Standard input is a pipe from the program that starts it. When that program ends, however it
// ends, the pipe closes and Azurite ends too: nothing is left behind by a kill -9.
const service = process.argv.splice(2, 1)[0];
// Azurite writes its list of blobs when it hears the first SIGTERM and would be cut off by a second
// one. A program that ends Azurite by the signal closes the pipe as well, so both come: with a
// listener of our own that stays, later ones do no harm.
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 5000).unref());
process.stdin.on('end', () => process.emit('SIGTERM'));
process.stdin.resume();
process.stdin.unref?.();
require(`azurite/dist/src/${service}/main.js`);
