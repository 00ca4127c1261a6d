import { createRoot } from 'react-dom/client';
import { Trainer } from './Trainer.jsx';

createRoot(document.getElementById('root')).render(<Trainer />);
