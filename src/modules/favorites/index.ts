export { FavoritesModule } from './favorites.module.js';
export { FavoritesService } from './favorites.service.js';
export { FavoritesQuery, FavoriteView } from './favorites.dto.js';
