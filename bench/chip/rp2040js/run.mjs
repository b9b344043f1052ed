// SPDX-License-Identifier: Apache-2.0
// Runs bench_chip's image in rp2040js and prints a line a row: name, cycles, 0, cycles between the marks of progress; the
// counterpart of ../emulated.c.
//
//   node run.mjs FLASH ROM
//
// FLASH is the flash chip with that image and a full store (chip_emulated ... FLASH), ROM the boot ROM that our emulator makes (chip_emulated rom FILE); what it leaves to the emulator by BKPT is done
// below. The package is used as it is; what it does not model of the chip and the image needs is here. Its cycles follow
// the core's tables; waiting for flash behind the cache is not in them.
import { readFileSync } from 'node:fs';
import { RP2040 } from 'rp2040js';

const FLASH = 0x10000000, RAM = 0x20000000, VECTORS = FLASH + 0x100, KHZ = 200000;
const BEGIN = 1, END = 2, TICK = 3, RETURN = 0x4770;

// Registers that keep what is written to them; `read` may know better.
class Registers {
  constructor(read = {}, write = {}) {
    this.words = new Uint32Array(1024);
    this.read = read;
    this.write = write;
  }
  readUint32(at) {
    at &= 0xfff;
    return (this.read[at] ? this.read[at]() : this.words[at >> 2]) >>> 0;
  }
  writeUint32Atomic(at, value, kind) {
    const before = this.words[at >> 2];
    this.words[at >> 2] = [value, before ^ value, before | value, before & ~value][kind];
    this.write[at]?.(value);
  }
  writeUint32(at, value) {
    this.writeUint32Atomic(at, value, 0);
  }
}

// Noise that repeats from run to run: xorshift32.
let noise = 0x2545f491;
function noiseBit() {
  noise ^= noise << 13;
  noise ^= noise >>> 17;
  noise ^= noise << 5;
  return noise & 1;
}

// The flash chip's serial port knows one command: 9F tells a size of 4 MiB. A command begins when the firmware has called
// the boot ROM to leave the memory-mapped mode.
class FlashPort extends Registers {
  constructor() {
    super({ 0x24: () => this.out.length, 0x28: () => 0x0e, 0x60: () => this.out.shift() ?? 0 }, { 0x60: (v) => this.clock(v) });
    this.select();
  }
  select() {
    this.out = [];
    this.answer = null;
  }
  clock(value) {
    this.answer ??= value === 0x9f ? [0, 0xef, 0x40, 22] : [];
    this.out.push(this.answer.shift() ?? 0);
  }
}

class Logger {
  debug() {}
  info() {}
  warn() {}
  error(from, message) {
    throw new Error(`${from}: ${message}`);
  }
}

function attach(chip) {
  chip.logger = new Logger();
  chip.peripherals[0x18000] = new FlashPort();
  chip.peripherals[0x40018] = new Registers(); // IO_QSPI
  chip.peripherals[0x40060] = new Registers({ 0x18: () => 0x80001000, 0x1c: noiseBit }); // ROSC
  chip.peripherals[0x40064] = new Registers(); // VREG
  chip.peripherals[0x14000] = new Registers({ 0x08: () => 6 }); // the cache's control: always flushed
}

// The functions of the boot ROM that are BKPT, by their two letters.
function romCall(chip, name) {
  const r = chip.core.registers;
  if (name === 'RE') chip.flash.fill(0xff, r[0], r[0] + r[1]);
  else if (name === 'RP')
    for (let i = 0; i < r[2]; i++) chip.flash[r[0] + i] &= chip.readUint8(r[1] + i);
  else if (name === 'EX') chip.peripherals[0x18000].select();
  else if (!['IF', 'CX', 'FC'].includes(name)) throw new Error(`boot ROM function ${name}`);
}

function romFunctions(chip) {
  const at = new Map();
  const table = chip.readUint16(0x14);
  for (let p = table; chip.readUint16(p) !== 0; p += 4)
    at.set(chip.readUint16(p), chip.readUint16(p + 2));
  const names = new Map();
  for (const [code, pointer] of at) names.set(pointer & ~1, String.fromCharCode(code & 0xff, code >> 8));
  const lookup = chip.readUint16(0x18) & ~1;
  return (pc) => {
    if (pc === lookup) chip.core.registers[0] = at.get(chip.core.registers[1] & 0xffff) ?? 0;
    else if (names.has(pc)) romCall(chip, names.get(pc));
    else throw new Error(`BKPT at ${pc.toString(16)}: the firmware has come down`);
  };
}

// ---- the marks of bench_chip.c ----

let now = 0, begun = 0, ended = 0, ticks = [], line = '', done = false;

function heard() {
  const [name] = line.split(' ');
  if (name === 'failed') throw new Error(line);
  if (name === 'end') done = true;
  else console.log(`${name}\t${ended - begun}\t0\t${ticks.map((t, i) => t - (i ? ticks[i - 1] : begun)).join()}`);
  line = '';
}

function onByte(c) {
  if (c === BEGIN) [begun, ticks] = [now, []];
  else if (c === END) ended = now;
  else if (c === TICK) ticks.push(now);
  else if (c === 10) heard();
  else if (c !== 13) line += String.fromCharCode(c);
}

function main(flash, rom) {
  const chip = new RP2040();
  attach(chip);
  chip.bootrom.set(new Uint32Array(rom.buffer, rom.byteOffset, 4096));
  chip.flash.set(flash);
  const trap = romFunctions(chip), core = chip.core, clock = chip.clock;
  chip.onBreak = () => trap(core.PC - 2);
  chip.uart[0].onByte = onByte;
  core.VTOR = VECTORS;
  core.SP = chip.readUint32(VECTORS);
  core.PC = chip.readUint32(VECTORS + 4) & ~1;
  const nanos = 1e6 / KHZ;
  while (!done) {
    // Time moves on in small steps: nothing that is measured looks at it.
    let cycles = 0;
    for (let i = 0; i < 64 && !core.waiting; i++) {
      const n = core.executeInstruction();
      cycles += n;
      now += n;
    }
    if (core.waiting) throw new Error('the firmware sleeps');
    clock.tick(cycles * nanos);
  }
}

const [, , flash, rom] = process.argv;
if (!rom) {
  console.error('usage: node run.mjs FLASH ROM');
  process.exit(1);
}
main(readFileSync(flash), new Uint8Array(readFileSync(rom)));
