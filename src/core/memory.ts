import { setFlagsFromString } from 'node:v8';

/**
 * Lets the old generation grow by half over what is in use before it is collected. V8's own choice on a machine with
 * much memory is to double, treble and more: under load a process that used 60 MiB held 180 (bench/README.md).
 * It has to be set before the other modules are loaded, or it holds only from the second collection on.
 */
setFlagsFromString('--heap-growing-percent=50');
