// Types for CommonJS.
import backtime = require('backtime');

const model: backtime.Sequential = new backtime.Sequential([new backtime.Dense(1)]);
console.log(model.name);
