export { FavoritesModule } from './favorites.module.js';
export { FavoritesService } from './favorites.service.js';
export { AddFavorite, FavoritesQuery, FavoriteView } from './favorites.dto.js';
