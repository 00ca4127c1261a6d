// A CommonJS module: Node 20.19 and newer give it the package by `require`, which fails where a module awaits at its top.
const backtime = require('backtime');
const { train } = require('./train.js');

train(backtime, { verbose: 0 }).then(console.log);
